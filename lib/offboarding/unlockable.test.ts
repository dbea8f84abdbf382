import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { hasSlapd, type TestSlapd } from "../connectors/ldap/test-slapd";
import { db } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { loadPolicies } from "../policies/load-policies";
import { sync, worker } from "../requests/test-world";
import { now } from "../time";
import { decideStep } from "./decide-step";
import { previewOffboarding } from "./preview-queries";
import { startOffboarding } from "./start-offboarding";
import { runLeaving, runOf, stepsOf } from "./test-leaving";
import { addToDirectory, base, connectDirectory, directoryStanding, startDirectory } from "./test-worlds";

// Directories that write down a lock and let everybody in all the same.

let slapd: TestSlapd | null = null;
let database: Awaited<ReturnType<typeof freshDatabase>> | null = null;
afterEach(async () => {
  await database?.drop();
  await slapd?.stop();
  database = null;
  slapd = null;
});

type World = { slapd: TestSlapd; connection: string };

async function world(overlay: string, policies: Record<string, "TRUE" | "FALSE">): Promise<World> {
  process.env.ROLLCALL_ENCRYPTION_KEY = randomBytes(32).toString("base64");
  const server = await startDirectory({ overlay, policies });
  slapd = server;
  database = await freshDatabase();
  await loadPolicies(worker);
  addToDirectory(server, { people: ["ann"], groups: { pilots: ["ann"] } });
  const facts = { name: "ann", email: "ann@acme.test", kind: "human", kindReason: "test", firstSeenAt: now() };
  await db().identity.create({ data: facts, select: { id: true } });
  const connection = await connectDirectory(server);
  await sync(connection);
  await db()
    .$executeRaw`update principals p set identity_id = i.id from identities i where p.name = i.name and p.type = 'account'`;
  return { slapd: server, connection };
}

async function leave(): Promise<string> {
  const { id } = await startOffboarding(worker, { identity: "ann@acme.test", holdDays: null });
  await runLeaving(id);
  await runLeaving(id);
  return id;
}

const accountOf = async (id: string) => (await stepsOf(id)).find(({ kind }) => kind === "account");
const byHandOf = async () =>
  (await previewOffboarding(worker, { identity: "ann@acme.test" })).accounts.map(({ byHand }) => byHand);

const withDefault = `overlay ppolicy\nppolicy_default "cn=default,ou=policies,${base}"`;

describe.runIf(hasSlapd())("an OpenLDAP in which a lock keeps nobody out", () => {
  test.each([
    ["has no overlay ppolicy", "", {}, /no password policy/],
    ["knows the overlay, but not on this database", "loaded", { other: "TRUE" }, /did not answer/],
    ["has the overlay and no policy", "overlay ppolicy", {}, /which password policy holds/],
    ["has a default policy that locks nobody", withDefault, { default: "FALSE" }, /no password policy/],
    [
      "has several policies of which none is known to hold",
      "overlay ppolicy",
      { one: "TRUE", other: "TRUE" },
      /which password policy holds/,
    ],
  ] as const)(
    "%s: the receipt never says shut, a person is asked, and access is taken",
    async (_, overlay, policies, why) => {
      const there = await world(overlay, policies);
      const id = await leave();
      expect(await directoryStanding(there.slapd, "ann")).toEqual({ groups: [], opened: true });
      const account = await accountOf(id);
      expect(account).toMatchObject({ state: "needs_person", verifiedAt: null });
      expect(account?.lastError).toMatchObject({ message: expect.stringMatching(why), retryable: false });
      expect(await runOf(id)).toMatchObject({ state: "waiting_for_people", containedAt: null, closedAt: null });
      expect((await stepsOf(id)).filter(({ kind, state }) => kind === "access" && state !== "verified")).toEqual([]);

      // Somebody shuts it there, and says so.
      there.slapd.tool("ldapmodify", ["-D", there.slapd.admin.dn, "-w", there.slapd.admin.password], noPassword);
      await decideStep(worker, {
        id: account?.id ?? "",
        decision: "by_hand",
        reason: "took the password away, LDAP-7",
      });
      await runLeaving(id);
      expect((await directoryStanding(there.slapd, "ann")).opened).toBe(false);
      expect(await runOf(id)).toMatchObject({ state: "closed", containedAt: expect.any(Date) });
    },
  );

  test("the preview says beforehand that a person has to shut it", async () => {
    await world("", {});
    expect(await byHandOf()).toEqual([expect.stringMatching(/no password policy/)]);
  });
});

describe.runIf(hasSlapd())("an OpenLDAP in which a lock is heeded", () => {
  test.each([
    ["by its default policy", withDefault, { default: "TRUE" }, /cn=default,ou=policies,.* locks accounts/],
    [
      "and which says so itself",
      `${withDefault}\nppolicy_use_lockout`,
      { default: "TRUE", other: "FALSE" },
      /the directory itself answers that it is locked/,
    ],
  ] as const)("%s: the receipt says what proves it", async (_, overlay, policies, proof) => {
    const there = await world(overlay, policies);
    expect(await byHandOf()).toEqual([null]);
    const id = await leave();
    expect(await directoryStanding(there.slapd, "ann")).toEqual({ groups: [], opened: false });
    expect(await accountOf(id)).toMatchObject({ state: "verified", detail: expect.stringMatching(proof) });
    expect(await runOf(id)).toMatchObject({ state: "closed" });
  });

  test("by the policy that its entry names, whatever others there are", async () => {
    const there = await world("overlay ppolicy", { strict: "TRUE", lax: "FALSE" });
    const named = ["changetype: modify", "add: pwdPolicySubentry", `pwdPolicySubentry: cn=strict,ou=policies,${base}`];
    there.slapd.tool(
      "ldapmodify",
      ["-D", there.slapd.admin.dn, "-w", there.slapd.admin.password],
      [`dn: uid=ann,ou=people,${base}`, ...named, ""].join("\n"),
    );
    await sync(there.connection);
    expect(await byHandOf()).toEqual([null]);
    const id = await leave();
    expect(await directoryStanding(there.slapd, "ann")).toEqual({ groups: [], opened: false });
    expect(await accountOf(id)).toMatchObject({ state: "verified", detail: expect.stringMatching(/cn=strict/) });
  });
});

const noPassword = `dn: uid=ann,ou=people,${base}\nchangetype: modify\ndelete: userPassword\n`;
