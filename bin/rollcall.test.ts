import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rows } from "@/lib/db/client";
import { startServer18, type TestServer } from "@/lib/db/test-clusters";
import { freshDatabase } from "@/lib/db/test-database";
import { markOf } from "@/lib/operations/processes";
import { jsonLines, runRollcall } from "./test-rollcall";

let database: Awaited<ReturnType<typeof freshDatabase>>;
let folder: string;
// The system that is read is a server of its own: in the shared one, other tests make and drop databases meanwhile.
let server: TestServer;
beforeAll(async () => {
  database = await freshDatabase();
  server = await startServer18();
  const client = await server.connect();
  await client.query("create table public.users (id int)");
  await client.end();
  folder = await mkdtemp(path.join(tmpdir(), "rollcall-cli-"));
});
afterAll(async () => {
  await server.stop();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the real command line against this database. */
function rollcall(args: string[], facts: { env?: Record<string, string | undefined>; stdin?: string } = {}) {
  return runRollcall(args, { ...facts, env: { DATABASE_URL: database.url, ROLLCALL_DATA: folder, ...facts.env } });
}

const target = () => new URL(`postgresql://${server.user}:${server.password}@127.0.0.1:${server.port}/postgres`);
const settings = () => [
  ...["--host", target().hostname, "--port", target().port, "--user", target().username],
  ...["--database", target().pathname.slice(1), "--databases", "one", "--sslmode", "disable"],
];
const password = () => ({ ROLLCALL_SECRET_PASSWORD: decodeURIComponent(target().password) });

test("a token is printed alone on its line, so that a pipe gets nothing else", async () => {
  const made = await rollcall(["token", "create", "--name", "for a pipe", "--scope", "inventory:read"]);
  expect(made).toMatchObject({ code: 0, err: "" });
  expect(made.out).toMatch(/^rollcall_[\w-]{43}\n$/);
  const [listed] = jsonLines((await rollcall(["--json", "token", "list"])).out);
  expect(listed).toMatchObject({ name: "for a pipe", scopes: ["inventory:read"], status: "live" });
  expect(JSON.stringify(listed)).not.toContain(made.out.trim());
  expect((await rollcall(["token", "revoke", listed.id])).code).toBe(0);
  expect(jsonLines((await rollcall(["token", "list", "--json"])).out)[0]).toMatchObject({ status: "revoked" });
});

test("a sign-in link leads to where the product runs on this folder, whatever port this terminal would take", async () => {
  const file = path.join(folder, "running.json");
  const running = { starter: markOf(process.pid), address: "http://localhost:4555", children: [] };
  await writeFile(file, JSON.stringify(running));
  const linkAt = async (port: string | undefined) =>
    (await rollcall(["sign-in-link"], { env: { PORT: port, NEXTAUTH_URL: undefined } })).out;
  expect(await linkAt(undefined)).toMatch(/^http:\/\/localhost:4555\/sign-in\/link#/);
  expect(await linkAt("4666")).toMatch(/^http:\/\/localhost:4666\/sign-in\/link#/);
  await rm(file);
});

test("wrong use exits 2 and a refusal 1, each with one line that says what to do", async () => {
  const uses: [string[], number, RegExp][] = [
    [["nonsense"], 2, /unknown command/],
    [["token", "create"], 2, /required option '--name/],
    [["token", "create", "--name", "x"], 2, /at least one scope/],
    [["token", "create", "--name", "x", "--for", "nobody@example.com"], 1, /Nobody with the e-mail/],
    [["sync", "nowhere"], 1, /no connection nowhere/],
    [["connect", "postgresql", "--name", "x", "--mode", "y"], 2, /unknown option/],
    [["import", "nonsense", "file"], 2, /unknown command|too many arguments/],
  ];
  for (const [args, code, words] of uses) {
    const answer = await rollcall(args);
    expect([args, answer.code]).toEqual([args, code]);
    expect(answer.err).toMatch(words);
    expect(answer.err).toMatch(/^rollcall: /);
    expect(answer.out).toBe("");
  }
  const json = await rollcall(["sync", "nowhere", "--json"]);
  expect(JSON.parse(json.err)).toMatchObject({ error: { code: "not_found" } });
});

test("a PostgreSQL is connected and read by two commands, and read again without a change", async () => {
  const made = await rollcall(["connect", "postgresql", "--name", "own", ...settings(), "--json"], { env: password() });
  expect(made).toMatchObject({ code: 0, err: "" });
  expect(jsonLines(made.out)[0]).toMatchObject({ name: "own", id: expect.any(String), syncId: expect.any(String) });
  const first = await rollcall(["sync", "own", "--json"]);
  expect(first).toMatchObject({ code: 0, err: "" });
  expect(jsonLines(first.out)[0]).toMatchObject({ connection: "own", state: "done" });
  const [counted] = await rows<{ accounts: number }>(
    "select count(*)::int as accounts from principals where removed_at is null",
  );
  expect(counted?.accounts).toBeGreaterThan(5);
  const again = await rollcall(["sync"]);
  expect(again).toMatchObject({ code: 0, err: "" });
  expect(again.out).toMatch(/^own: nothing has changed in [\d.]+ s\.\n$/);
});

test("the secret is never shown, and a wrong one is refused before anything is kept", async () => {
  const wrong = { ROLLCALL_SECRET_PASSWORD: "not-the-password-7" };
  const answer = await rollcall(["connect", "postgresql", "--name", "wrong", ...settings()], { env: wrong });
  expect(answer.code).toBe(1);
  expect(answer.err).toMatch(/password/);
  expect(answer.err + answer.out).not.toContain(wrong.ROLLCALL_SECRET_PASSWORD);
  expect(await rows("select id from connections where name = 'wrong'")).toEqual([]);
  const dump = JSON.stringify([await rows("select * from connections"), await rows("select * from audit_events")]);
  expect(dump).not.toContain(decodeURIComponent(target().password));
});

test("settings come from a file too, and a flag wins over it", async () => {
  const file = path.join(folder, "settings.json");
  await writeFile(
    file,
    JSON.stringify({ host: target().hostname, user: target().username, sslmode: "disable", port: 1 }),
  );
  const args = ["connect", "postgresql", "--name", "by-file", "--settings", file, "--port", target().port, "--no-sync"];
  expect(await rollcall(args, { env: password() })).toMatchObject({ code: 0, err: "" });
  const missing = await rollcall(["connect", "postgresql", "--name", "z", "--settings", `${file}.none`]);
  expect(missing).toMatchObject({ code: 2, out: "" });
});

test("who and reach tell the same access from both ends, and can agrees with them", async () => {
  await rows("update connections set removed_at = now() where name = 'by-file'");
  const [own] = await rows<{ name: string }>(
    "select name from principals where type = 'account' and removed_at is null limit 1",
  );
  const account = own?.name ?? "";
  const who = await rollcall(["who", account, "--permission", "SELECT", "--resource", "public.users", "--json"]);
  expect(who).toMatchObject({ code: 0, err: "" });
  const [entry] = jsonLines(who.out);
  expect(entry).toMatchObject({ permission: "SELECT", resource: { name: "public.users", connection: "own" } });
  expect(entry.paths[0].at(-1)).toMatchObject({ type: "assignment" });
  const reach = jsonLines(
    (await rollcall(["reach", "public.users", "--type", "table", "--permission", "SELECT", "--json"])).out,
  );
  expect(reach.map((line) => line.account.name)).toContain(account);
  const can = await rollcall(["can", account, "SELECT", "public.users", "--connection", "own", "--type", "table"]);
  expect(can.out).toMatch(/^allowed: /);
  expect(can.code).toBe(0);
  const cannot = await rollcall([
    "can",
    "pg_monitor",
    "DELETE",
    "public.users",
    "--connection",
    "own",
    "--type",
    "table",
  ]);
  expect(cannot).toMatchObject({ code: 1, err: "" });
  expect(cannot.out).toMatch(/^denied: /);
});

test("can answers line n of standard input with line n, also where a line is no question", async () => {
  const question = (name: string) => ({
    subject: { type: "account", id: target().username },
    action: { name },
    resource: { type: "table", id: "public.users" },
    context: { connection: "own" },
  });
  const lines = ["SELECT", "{nonsense", "DELETE"].map((word) =>
    word.startsWith("{") ? word : JSON.stringify(question(word)),
  );
  const answer = await rollcall(["can", "--stdin"], { stdin: `${lines.join("\n")}\n` });
  expect(answer.code).toBe(2);
  const [first, second, third] = jsonLines(answer.out);
  expect(first).toMatchObject({ decision: true });
  expect(second).toMatchObject({ error: { code: "invalid" } });
  expect(third).toMatchObject({ decision: true, context: { conditional: false } });
});

test("a name that several things have is refused with what tells them apart", async () => {
  for (const email of ["one@example.com", "two@example.com"]) {
    await rows(
      "insert into identities (kind, kind_reason, name, email, first_seen_at) values ('human', 'test', 'Twin', $1, now())",
      [email],
    );
  }
  const answer = await rollcall(["who", "twin"]);
  expect(answer).toMatchObject({ code: 1, out: "" });
  expect(answer.err).toMatch(/Several are called twin: .*one@example.com.*two@example.com/);
  expect(await rollcall(["who", "nobody at all"])).toMatchObject({ code: 1, out: "" });
  expect((await rollcall(["who", target().username, "--at", "yesterday"])).err).toMatch(/RFC 3339/);
});

test("a CSV file is previewed, imported, and imported again without a change", async () => {
  const file = path.join(folder, "people.csv");
  await writeFile(file, "id,name,email\n1,Ann Example,ann@example.com\n2,Bob Example,bob@example.com\n");
  const preview = await rollcall(["import", "csv", file, "--name", "people", "--preview", "--json"]);
  expect(preview).toMatchObject({ code: 0, err: "" });
  expect(jsonLines(preview.out)[0]).toMatchObject({ columns: ["id", "name", "email"], problems: [] });
  const first = await rollcall(["import", "csv", file, "--name", "people", "--identity-source", "--json"]);
  expect(first).toMatchObject({ code: 0, err: "" });
  expect(jsonLines(first.out)[0]).toMatchObject({ state: "done", result: { principal: { added: 2 } } });
  const again = await rollcall(["import", "csv", "-", "--name", "people"], {
    stdin: "id,name,email\n1,Ann Example,ann@example.com\n2,Bob Example,bob@example.com\n",
  });
  expect(again.out).toMatch(/nothing has changed/);
});

test("migrate finds nothing to do on a database that is up to date", async () => {
  expect(await rollcall(["migrate"])).toMatchObject({ code: 0, out: "The database is up to date.\n", err: "" });
});

test("an export is written to a new folder, and checked there alone", async () => {
  const folder = path.join(await mkdtemp(path.join(tmpdir(), "rollcall-export-")), "record");
  await rollcall(["token", "create", "--name", "zero", "--scope", "audit:read"]);
  const made = await rollcall(["audit", "export", folder, "--format", "csv", "--json"]);
  expect(made).toMatchObject({ code: 0, err: "" });
  expect(jsonLines(made.out)[0]).toMatchObject({ folder, from: 1 });
  const checked = await rollcall(["audit", "verify", folder]);
  expect(checked).toMatchObject({ code: 0, err: "" });
  expect(checked.out).toMatch(/The record is intact up to event \d+/);
  expect(await rollcall(["audit", "export", folder])).toMatchObject({ code: 1, out: "" });
  expect(await rollcall(["audit", "verify", path.dirname(folder)])).toMatchObject({ code: 2, out: "" });
  await rm(path.dirname(folder), { recursive: true });
});

test("what a filter chooses from the record is written beside what checks it, and checked alone", async () => {
  const folder = path.join(await mkdtemp(path.join(tmpdir(), "rollcall-chosen-")), "tokens");
  await rollcall(["token", "create", "--name", "chosen", "--scope", "audit:read"]);
  const made = await rollcall(["audit", "export", folder, "--action", "token.created", "--json"]);
  const [{ file }] = jsonLines(made.out);
  const lines = jsonLines(await readFile(file, "utf8"));
  expect(lines.slice(0, -1).every(({ leaf }) => leaf.action === "token.created")).toBe(true);
  const checked = await rollcall(["audit", "verify", file]);
  expect(checked).toMatchObject({ code: 0, err: "" });
  expect(checked.out).toContain(`${lines.length - 1} events are in the record as it was signed`);
  const alone = spawnSync(process.execPath, ["verify.mjs", file], { cwd: folder, encoding: "utf8" });
  expect([alone.status, alone.stdout]).toEqual([0, checked.out]);
  expect(await rollcall(["audit", "export", `${folder}2`, "--q", "x", "--from", "2"])).toMatchObject({ code: 2 });
  await rm(path.dirname(folder), { recursive: true });
});

test("where the record goes is listed, added to and taken from, and its secret is shown once", async () => {
  const at = ["audit", "send-to", "webhook", "--name", "hook", "--url", "https://anchors.example.com/x"];
  expect((await rollcall(at)).out).toMatch(/shown once: whsec_/);
  expect(await rollcall(at)).toMatchObject({ code: 1, out: "" });
  expect(await rollcall(["audit", "send-to", "pigeon", "--name", "x"])).toMatchObject({ code: 2, out: "" });
  const listed = await rollcall(["audit", "destinations"]);
  expect(listed.out).toMatch(/hook +webhook +checkpoints/);
  expect(listed.out).not.toContain("whsec_");
  expect((await rollcall(["audit", "stop-sending", "hook"])).code).toBe(0);
  expect((await rollcall(["audit", "destinations", "--json"])).out).not.toContain("hook");
});

test("the record is said to be intact up to its last event, and an altered event is found and exits 1", async () => {
  for (const name of ["one", "two"]) await rollcall(["token", "create", "--name", name, "--scope", "audit:read"]);
  const signed = await rollcall(["audit", "checkpoint"]);
  expect(signed).toMatchObject({ code: 0, err: "" });
  expect(signed.out).toMatch(/^rollcall\.internal\/record\/[0-9a-f]{8}\n\d+\n[^\n]+\n\n— [^\n]+\n$/);
  const kept = path.join(tmpdir(), `checkpoint-${process.pid}`);
  await writeFile(kept, signed.out);
  const whole = await rollcall(["audit", "verify", "--checkpoint", kept]);
  expect(whole).toMatchObject({ code: 0, err: "" });
  expect(whole.out).toMatch(/The record is intact up to event \d+, at 20/);
  expect(whole.out).toMatch(/checkpoints agree, 1 of them kept elsewhere/);
  await rows("alter table audit_events disable trigger user");
  await rows(
    "update audit_events set actor_name = 'somebody else' where id = (select event_id from audit_sequence where position = 2)",
  );
  const altered = await rollcall(["audit", "verify", "--json"]);
  expect(altered.code).toBe(1);
  expect(jsonLines(altered.out)[0]).toMatchObject({ intact: false, faults: [{ number: 2, what: "changed" }] });
  await writeFile(kept, signed.out.replace("rollcall.internal", "elsewhere.example"));
  const other = await rollcall(["audit", "verify", "--checkpoint", kept]);
  expect(other.out).toMatch(/It is of another log: elsewhere\.example/);
  expect(await rollcall(["audit", "verify", "--checkpoint", "/nowhere"])).toMatchObject({ code: 2, out: "" });
});

test("a database that is away, or of another version, is said in one line", async () => {
  const empty = database.url.replace(/\/[^/]*$/, "/postgres");
  const answer = await rollcall(["token", "list"], { env: { DATABASE_URL: empty } });
  expect(answer.code).toBe(1);
  expect(answer.err).toMatch(/^rollcall: .*rollcall migrate\n$/);
});
