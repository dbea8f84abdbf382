import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { system } from "../auth/actor";
import { db } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { resetEnv } from "../env";
import { currentPolicies } from "./current-policies";
import { decidePolicy, preparePolicies } from "./decide-policy";
import { loadPolicies } from "./load-policies";
import { parsePolicies } from "./parse-policies";
import { readPolicyFiles, readPolicySchema } from "./read-policy-files";
import { type AskingFacts, durationOf, type IdentityFacts, type PolicyFile, secondsOf } from "./schema";

const person = (id: string, more: Partial<IdentityFacts> = {}): IdentityFacts => ({
  id,
  name: id,
  kind: "human",
  status: "active",
  email: `${id}@acme.test`,
  department: null,
  title: null,
  environment: null,
  criticality: null,
  roles: ["member"],
  groups: [],
  ...more,
});

const asking = (more: Partial<AskingFacts> = {}): AskingFacts => ({
  action: "request",
  principal: person("ann"),
  subject: person("ann"),
  access: {
    connection: "warehouse",
    connector: "postgresql",
    environment: "production",
    permission: "member",
    resourceType: "group",
    resource: "analysts",
    privilege: 1,
    owner: null,
  },
  relation: "self",
  give: "assignment",
  durationSeconds: 7_200,
  hasReason: true,
  ticket: null,
  alreadyHeld: false,
  conflicts: [],
  at: new Date("2026-11-21T12:00:00Z"),
  ...more,
});

const rules = "approvals:\n  quick:\n    steps: []\n    maxDuration: PT1H\n";

const schema = await readPolicySchema();
const { files } = await readPolicyFiles();

describe("the policies that come with Rollcall", () => {
  const parsed = parsePolicies(files, schema);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  const policies = preparePolicies(parsed.set, 1_000_001, schema);

  test("are read without a fault", () => expect(parsed.ok).toBe(true));

  test("let nothing in production through without the approval of a person", () => {
    fc.assert(
      fc.property(
        fc.record({
          privilege: fc.integer({ min: 1, max: 4 }),
          durationSeconds: fc.integer({ min: 60, max: 366 * 86_400 }),
          relation: fc.constantFrom("self", "report", "owned" as const),
          kind: fc.constantFrom("human", "service_account"),
          roles: fc.subarray(["administrator", "security", "auditor", "member"]),
        }),
        ({ privilege, durationSeconds, relation, kind, roles }) => {
          const ann = person("ann", { roles });
          const facts = asking({ principal: ann, subject: person("s", { kind }), relation, durationSeconds });
          const decision = decidePolicy(policies, { ...facts, access: { ...facts.access, privilege } });
          const approvals = decision.approvals.map((name) => parsed.set.rules.approvals[name]);
          if (decision.allowed) expect(approvals.some((rule) => (rule?.steps.length ?? 0) > 0)).toBe(true);
        },
      ),
    );
  });

  test("never let somebody approve what they asked for or would hold, whatever their role", () => {
    const ann = person("ann", { roles: ["administrator", "security"] });
    const other = person("bob");
    const base = {
      action: "approve",
      access: asking().access,
      step: "1",
      steppedUp: true,
      durationSeconds: 60,
      breakGlass: false,
    } as const;
    expect(decidePolicy(policies, { ...base, principal: ann, requester: ann, subject: other }).allowed).toBe(false);
    expect(decidePolicy(policies, { ...base, principal: ann, requester: other, subject: ann }).allowed).toBe(false);
    expect(decidePolicy(policies, { ...base, principal: other, requester: ann, subject: ann }).allowed).toBe(true);
  });

  test("refuse what would break a separation of duties, and say which policy does", () => {
    const decision = decidePolicy(policies, asking({ conflicts: ["pay and approve"] }));
    expect(decision).toMatchObject({ allowed: false, policies: ["no-conflicting-access"] });
    expect(decision.because).toContain("separation of duties");
  });

  test("grow stricter with privilege", () => {
    const of = (privilege: number) =>
      decidePolicy(policies, asking({ access: { ...asking().access, privilege } })).approvals;
    expect([1, 2, 3, 4].map(of)).toEqual([
      ["manager"],
      ["manager-and-owner"],
      ["owner-and-security"],
      ["owner-and-security"],
    ]);
  });
});

describe("a faulty set", () => {
  const faultsOf = (text: string, yaml = rules) => {
    const parsed = parsePolicies(
      [
        { name: "a.cedar", text },
        { name: "rules.yaml", text: yaml },
      ],
      schema,
    );
    return parsed.ok ? [] : parsed.faults;
  };
  const good = '@id("a")\n@approval("quick")\npermit (principal, action == Action::"request", resource);';

  test.each([
    ["a syntax error", `${good}\n\npermit (principal action, resource);`, 5, /unexpected/],
    ["an attribute that does not exist", `// é\n${good.replace(";", " when { resource.colour == 1 };")}`, 4, /colour/],
    ["an action that does not exist", good.replace('"request"', '"ask"'), 3, /ask/],
    ["an approval that does not exist", good.replace("quick", "slow"), 1, /slow/],
    ["a request let through without an approval", good.replace('@approval("quick")\n', ""), 1, /@approval/],
    ["an id twice", `${good}\n${good}`, 4, /taken by the policy at a.cedar:1/],
  ])("%s is named with its line", (_, text, line, message) => {
    const [fault] = faultsOf(text);
    expect(fault?.message).toMatch(message);
    expect(fault).toMatchObject({ file: "a.cedar", line });
  });

  test.each([
    ["an unknown key", `${rules}colour: red\n`, /colour/],
    ["a duration that is none", rules.replace("PT1H", "1 hour"), /duration/],
    ["somebody who is nobody", rules.replace("[]", "\n      - who: [the boss]"), /must be manager/],
    ["no YAML", "approvals: [", /./],
  ])("%s in the rules is named", (_, yaml, message) => {
    const [fault] = faultsOf(good, yaml);
    expect(fault?.message).toMatch(message);
    expect(fault?.file).toBe("rules.yaml");
  });
});

describe("loading", () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let folder: string;
  const actor = system("test");
  beforeAll(async () => {
    database = await freshDatabase();
    folder = await mkdtemp(path.join(tmpdir(), "policies-"));
  });
  afterAll(async () => {
    delete process.env.ROLLCALL_POLICIES;
    resetEnv();
    await database.drop();
    await rm(folder, { recursive: true });
  });
  const write = (files: PolicyFile[]) =>
    Promise.all(files.map(({ name, text }) => writeFile(path.join(folder, name), text)));

  test("takes the default first, and makes no version of what has not changed", async () => {
    expect(await loadPolicies(actor)).toMatchObject({ changed: true, faults: [] });
    expect(await loadPolicies(actor)).toMatchObject({ changed: false, faults: [] });
    expect(await db().policySet.count()).toBe(1);
  });

  test("a bad file keeps the old set, says where, and is recorded once", async () => {
    const before = (await currentPolicies()).version;
    process.env.ROLLCALL_POLICIES = folder;
    resetEnv();
    await write([
      { name: "rules.yaml", text: rules },
      { name: "a.cedar", text: "permit (" },
    ]);
    const first = await loadPolicies(actor);
    await loadPolicies(actor);
    expect(first.faults[0]).toMatchObject({ file: "a.cedar", line: 1 });
    expect((await currentPolicies()).version).toBe(before);
    expect(await db().auditEvent.count({ where: { action: "policies.refused" } })).toBe(1);
  });

  test("a mended set is in force at once", async () => {
    await write([
      {
        name: "a.cedar",
        text: '@id("all") @approval("quick") permit (principal, action == Action::"request", resource);',
      },
    ]);
    const { version } = await loadPolicies(actor);
    const policies = await currentPolicies();
    expect(policies.version).toBe(version);
    expect(decidePolicy(policies, asking())).toMatchObject({ allowed: true, policies: ["all"], approvals: ["quick"] });
  });
});

test("a duration is written as it was read", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 366 * 86_400 }), (seconds) => {
      expect(secondsOf(durationOf(seconds))).toBe(seconds);
    }),
  );
  expect(secondsOf("eight hours")).toBeNull();
});
