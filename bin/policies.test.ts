import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { system } from "@/lib/auth/actor";
import { createConnection } from "@/lib/connections/create-connection";
import { rows } from "@/lib/db/client";
import { freshDatabase } from "@/lib/db/test-database";
import { makeAccessRows } from "@/lib/requests/test-access-rows";
import { jsonLines, runRollcall } from "./test-rollcall";

let database: Awaited<ReturnType<typeof freshDatabase>>;
let folder: string;
beforeAll(async () => {
  process.env.ROLLCALL_ENCRYPTION_KEY = Buffer.alloc(32, 7).toString("base64");
  database = await freshDatabase();
  folder = await mkdtemp(path.join(tmpdir(), "rollcall-policies-"));
  await cp("lib/policies/default", folder, { recursive: true });
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

const rollcall = (...args: string[]) =>
  runRollcall(args, { env: { DATABASE_URL: database.url, ROLLCALL_DATA: folder, ROLLCALL_POLICIES: folder } });
const nowhere = { DATABASE_URL: "postgresql://nobody@127.0.0.1:9/none" };

async function spoil(text: string, by: string): Promise<() => Promise<void>> {
  const file = path.join(folder, "access.cedar");
  const before = await readFile(file, "utf8");
  await writeFile(file, before.replace(text, by));
  return () => writeFile(file, before);
}

test("policies are checked without an installation, each fault with its file and line", async () => {
  const good = await runRollcall(["policies", "check", folder], { env: nowhere });
  expect(good).toMatchObject({ code: 0, err: "" });
  expect(good.out).toMatch(/^\d+ policies and \d+ rules of approval in 2 files are good\.\n$/);

  const mend = await spoil("resource.privilege <= 2 };", "resource.privileges <= 2 };");
  const bad = await runRollcall(["policies", "check", folder], { env: nowhere });
  expect(bad).toMatchObject({ code: 1, err: "" });
  expect(bad.out).toMatch(new RegExp(`^${folder}/access\\.cedar:\\d+:\\d+: .*privileges.* not found .*\n$`));
  const [fault] = jsonLines((await runRollcall(["policies", "check", folder, "--json"], { env: nowhere })).out);
  expect(fault).toMatchObject({ ok: false, file: path.join(folder, "access.cedar"), line: expect.any(Number) });
  await mend();

  const empty = await runRollcall(["policies", "check", path.join(folder, "nothing")], { env: nowhere });
  expect(empty).toMatchObject({ code: 2, out: "" });
});

test("policies are loaded at a word; a set with a fault leaves the one before in force", async () => {
  expect(await rollcall("policies", "load")).toMatchObject({ code: 0, out: "Version 1 is in force.\n", err: "" });
  expect((await rollcall("policies", "load")).out).toBe("Nothing has changed: version 1 is in force.\n");
  const mend = await spoil('@approval("manager")', '@approval("nobody")');
  const refused = await rollcall("policies", "load");
  expect(refused.code).toBe(1);
  expect(refused.out).toMatch(
    /^access\.cedar:\d+: .*"nobody", which rules\.yaml does not have\n.*Version 1 stays in force\.\n$/s,
  );
  await mend();
  expect((await rollcall("policies")).out).toMatch(/^Version 1, loaded .*A newer set was refused at /s);
  const events = await rows<{ action: string; name: string }>(
    "select action, actor_name as name from audit_events where action like 'policies.%' order by at, id",
  );
  expect(events.map(({ action }) => action)).toEqual(["policies.loaded", "policies.refused"]);
  expect(events[0]?.name).toMatch(/^command line \(/);
});

test("the policies say of a case what they would, and why, and what a draft would", async () => {
  await makeAccessRows(await aConnection());
  const asked = ["policies", "explain", "asker@example.com", "payroll", "member", "analysts"];
  const said = await rollcall(...asked, "--draft", folder);
  expect(said).toMatchObject({ code: 0, err: "" });
  expect(said.out).toMatch(/^asker asks for member on analysts in payroll \(production, privilege \d\)\nallowed: /);
  expect(said.out).toMatch(
    / {2}permit production-reading \(access\.cedar:\d+\)\n {2}asks 1 of manager or role:security/,
  );
  expect(said.out).toMatch(/\ndraft: allowed: /);
  const long = await rollcall(...asked, "--duration", "P60D");
  expect(long).toMatchObject({ code: 1, err: "" });
  expect(long.out).toContain("denied: No policy allows it.");
});

async function aConnection(): Promise<string> {
  const facts = { name: "payroll", connector: "csv", environment: "production" as const, settings: {}, syncNow: false };
  return (await createConnection(system("test"), facts)).id;
}
