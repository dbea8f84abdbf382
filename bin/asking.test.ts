import { createServer, type Server } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answer } from "@/app/api/v1/answer";
import { system } from "@/lib/auth/actor";
import { createApiToken } from "@/lib/auth/create-api-token";
import { db } from "@/lib/db/client";
import { findMovers } from "@/lib/offboarding/find-movers";
import { runLeaving } from "@/lib/offboarding/test-leaving";
import { runRow } from "@/lib/offboarding/test-leaving-rows";
import { asProvisioner } from "@/lib/offboarding/test-worlds";
import { runJobs, startWorld, sync, type World } from "@/lib/requests/test-world";
import { dayMs, now, plus } from "@/lib/time";
import { jsonLines, runRollcall } from "./test-rollcall";

let world: World;
let server: Server;
let address = "";
const tokens: Record<string, string> = {};
beforeAll(async () => {
  world = await startWorld();
  for (const name of ["ann", "bob", "cara", "dana", "eve", "sid"])
    tokens[name] = (await createApiToken(system("test"), { name, for: `${name}@acme.test` })).token;
  server = createServer(async (incoming, outgoing) => {
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part);
    const { method, url, headers } = incoming;
    const body = method === "GET" ? undefined : Buffer.concat(parts);
    const got = await answer(new Request(`${address}${url}`, { method, body, headers: Object(headers) }));
    outgoing.writeHead(got.status, Object.fromEntries(got.headers)).end(await got.text());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  address = `http://127.0.0.1:${typeof bound === "object" && bound ? bound.port : 0}`;
}, 120_000);
afterAll(async () => {
  server.close();
  await world.drop();
});

/** As on somebody's own machine: no database, only the address and their token. */
function rollcall(who: string | null, ...args: string[]) {
  const env = { DATABASE_URL: "postgresql://nobody@127.0.0.1:9/none", ROLLCALL_URL: address };
  return runRollcall(args, { env: { ...env, ROLLCALL_TOKEN: who ? tokens[who] : "" } });
}

const asking = ["request", "warehouse", "member", "analysts", "--duration", "PT1H", "--reason", "quarter end"];

async function pendingOne(): Promise<{ id: string; number: bigint }> {
  for (;;) {
    const found = await db().request.findFirst({ where: { state: "pending" }, select: { id: true, number: true } });
    if (found) return found;
    await wait(50);
  }
}

async function workUntil<Value>(done: Promise<Value>): Promise<Value> {
  let over = false;
  const watched = done.finally(() => {
    over = true;
  });
  while (!over) {
    await runJobs();
    await Promise.race([watched.catch(() => undefined), wait(50)]);
  }
  return watched;
}

test("somebody asks and waits, another approves, and the credential comes out and works", async () => {
  const waiting = rollcall("ann", ...asking, "--give", "credential", "--wait", "--json");
  const { id, number } = await pendingOne();
  const [inbox] = jsonLines((await rollcall("bob", "requests", "--inbox", "--json")).out);
  expect(inbox).toMatchObject({ id, status: "pending", reason: "quarter end" });
  const approved = await rollcall("bob", "approve", `R-${number}`, "--comment", "fine");
  expect(approved).toMatchObject({ code: 0, err: "" });
  expect(approved.out).toContain(`R-${number} approved, is being given\n`);
  const asked = await workUntil(waiting);
  expect(asked).toMatchObject({ code: 0, err: "" });
  const [request, credential] = jsonLines(asked.out);
  expect(request).toMatchObject({ id, status: "fulfilled" });
  const user = Object.values<string>(credential.facts).find((value) => value.includes("ann")) ?? "";
  const client = await world.server.connect("postgres", user, credential.secret);
  await client.query("select * from invoices").finally(() => client.end());

  const [grant] = jsonLines((await rollcall("ann", "grants", "--mine", "--json")).out);
  expect(grant).toMatchObject({ id: credential.grantId, status: "active", give: "credential" });
  const more = await rollcall("ann", "extend", grant.id, "--duration", "PT1H", "--reason", "more to do");
  expect(more.out).toMatch(/^R-\d+ pending, waits for bob\n$/);
  expect((await rollcall("bob", "deny", /R-\d+/.exec(more.out)?.[0] ?? "", "--comment", "enough")).code).toBe(0);
  expect((await rollcall("ann", "revoke", grant.id)).out).toMatch(/^Its end is ordered \(ending\)/);
  await runJobs();
  const receipt = await rollcall("ann", "grants", grant.id);
  expect(receipt.out).toMatch(/: ended until .*delivered .*proven /s);
  expect(receipt.out).not.toContain(credential.secret);
});

test("a request that is denied ends the waiting with exit 1 and says why", async () => {
  const waiting = rollcall("ann", ...asking, "--wait");
  const { id } = await pendingOne();
  expect((await rollcall("ann", "approve", id)).err).toMatch(/^rollcall: Nobody decides on a request of their own/);
  expect((await rollcall("eve", "approve", id)).code).toBe(1);
  expect((await rollcall("bob", "deny", id, "--comment", "not this week")).code).toBe(0);
  const asked = await waiting;
  expect(asked).toMatchObject({ code: 1, err: "" });
  expect(asked.out).toMatch(/^R-\d+ denied: not this week\n$/);
});

test("several things are looked at, asked for, asked back on, approved in part and taken back", async () => {
  const both = [...asking.slice(0, 4), "--and", "warehouse", "member", "auditors"];
  const [found, long, short, nothing, half] = await Promise.all([
    rollcall("ann", "catalogue", "analy", "--system", "warehouse", "--json"),
    rollcall("ann", ...both, "--duration", "P60D", "--preview"),
    rollcall("ann", ...both, "--duration", "PT1H", "--preview", "--json"),
    rollcall("ann", ...both, "--duration", "PT1H"),
    rollcall("ann", ...asking, "--and", "warehouse", "member"),
  ]);
  expect(jsonLines(found.out)).toMatchObject([{ resource: { name: "analysts" }, held: false, byHand: false }]);
  expect(long).toMatchObject({ code: 1, err: "" });
  expect(long.out).toMatch(/cannot be asked for.* member on analysts can be had for 30 d at most.*P30D or less/s);
  expect(short.code).toBe(0);
  expect(jsonLines(short.out)).toMatchObject([{ allowed: true, maxSeconds: 604_800, items: [{}, {}] }]);
  expect(nothing).toMatchObject({ code: 2, out: "", err: expect.stringContaining("--reason") });
  expect(half).toMatchObject({ code: 2, out: "", err: expect.stringContaining("--and takes three words") });

  const made = await rollcall("ann", ...both, ...asking.slice(4), "--json");
  const [request] = jsonLines(made.out);
  expect(request).toMatchObject({ status: "pending", items: [{}, {}] });
  const name = `R-${request.number}`;
  expect((await rollcall("bob", "ask-back", name, "--comment", "Which quarter?")).out).toMatch(/who asked back/);
  expect((await rollcall("ann", "answer", name, "The third.")).code).toBe(0);
  expect((await rollcall("bob", "approve", name, "--without", "3")).code).toBe(2);
  const part = await rollcall("bob", "approve", name, "--without", "2", "--duration", "PT30M");
  expect(part).toMatchObject({ code: 0, out: expect.stringContaining("waits for cara") });
  expect((await rollcall("ann", "cancel", name, "--reason", "done by hand")).out).toMatch(/cancelled: done by hand/);
  const told = (await rollcall("ann", "requests", name)).out;
  expect(told).toMatch(/2 {2}member on auditors in warehouse, left out by bob/);
  expect(told).toMatch(/bob: approve, for PT30M, 1 left out/);
  expect(told).toMatch(/bob: Which quarter\?\n.*ann: The third\./);
});

test("somebody stands in, and a broken glass is judged by two, at the terminal", async () => {
  const until = plus(now(), 5 * dayMs).toISOString();
  const [vague, made] = await Promise.all([
    rollcall("bob", "delegate", "dana@acme.test", "--until", "tomorrow"),
    rollcall("bob", "delegate", "dana@acme.test", "--until", until, "--json"),
  ]);
  expect(vague).toMatchObject({ code: 2, out: "" });
  const [{ id }] = jsonLines(made.out);
  expect((await rollcall("bob", "delegations")).out).toContain(`${id}  dana for bob`);
  expect((await rollcall("bob", "end-delegation", id)).out).toBe("Ended.\n");

  const [broken] = jsonLines((await rollcall("ann", ...asking, "--break-glass", "--json")).out);
  await runJobs();
  const [waiting] = jsonLines((await rollcall("sid", "reviews", "--json")).out);
  expect(waiting).toMatchObject({ requestId: broken.id, number: broken.number, given: 0, needed: 2 });
  const judge = (who: string) =>
    rollcall(who, "review", `R-${broken.number}`, "--opinion", "justified", "--comment", "The alert was real");
  const [own, first] = await Promise.all([judge("ann"), judge("sid")]);
  expect(own.err).toMatch(/No break-glass R-\d+ waits for your judgement/);
  expect(first.out).toMatch(/waits for somebody else/);
  expect((await judge("cara")).out).toMatch(/is closed/);
  const [grant] = jsonLines((await rollcall("ann", "grants", "--mine", "--state", "active", "--json")).out);
  expect((await rollcall("ann", "give-back", grant.id)).out).toMatch(/^Its end is ordered/);
  await runJobs();
});

test("nobody is taken for somebody: without a token, or towards an open wire, nothing is sent", async () => {
  const nobody = await rollcall(null, "requests");
  expect(nobody).toMatchObject({ code: 1, out: "" });
  expect(nobody.err).toMatch(/ROLLCALL_TOKEN.*rollcall token create/);
  const env = { ROLLCALL_URL: "http://rollcall.example.com", ROLLCALL_TOKEN: tokens.ann };
  expect(await runRollcall(["requests"], { env })).toMatchObject({ code: 2, out: "" });
  expect((await rollcall("ann", "request", "warehouse", "member", "kings", ...asking.slice(4))).err).toMatch(
    /offers no member on kings/,
  );
});

test("a manager previews somebody's leaving, starts it, and reads the receipt", async () => {
  const previewed = await rollcall("bob", "offboard", "ann@acme.test", "--preview");
  expect(previewed.out).toMatch(/ann: 1 accounts/);
  expect((await rollcall("eve", "offboard", "ann@acme.test")).code).toBe(1);
  const started = await rollcall("bob", "offboard", "ann@acme.test", "--reason", "resigned", "--json");
  const [run] = jsonLines(started.out);
  expect(run).toMatchObject({ status: "executing", contain: { verifiedAt: null } });
  await runLeaving(String(run?.id));
  expect((await rollcall("bob", "offboardings", String(run?.id))).out).toMatch(/O-1 ann: .*/);
  expect((await rollcall("bob", "offboardings", "O-2")).err).toMatch(/There is no run O-2 that you may see/);
  const shown = await rollcall("bob", "offboardings", "O-1");
  expect(shown.out).toMatch(/O-1 ann: .*/);
  expect(shown.out).toMatch(/verified\s+sign_in/);
  const clocks = (await rollcall("bob", "offboardings", "--clocks")).out;
  expect(clocks).toMatch(/KIND +CLOCK +TARGET.*\nperson +contain +60 s /);
  expect((await rollcall("eve", "offboardings", "--clocks")).out).not.toMatch(/person/);
  expect((await rollcall("bob", "cancel-offboarding", String(run?.id), "--reason", "a rumour")).out).toMatch(/^Undone/);
});

test("a manager keeps one access of somebody who moved, and ends another, by the lines of the receipt", async () => {
  const { eve, bob, dana } = Object.fromEntries(
    Object.entries(world.people).map(([name, it]) => [name, it.identityId]),
  );
  await asProvisioner(world.server, ["grant analysts to eve", "grant auditors to eve"]);
  await sync(world.connectionId);
  const moves = (managerId?: string) =>
    db().identity.update({
      where: { id: eve ?? "" },
      data: { sourceConnectionId: world.connectionId, managerId: managerId ?? null },
    });
  const look = () => findMovers(system("worker"), { connectionId: world.connectionId });
  await moves(bob);
  await look();
  await moves(dana);
  await look();
  const [run] = jsonLines((await rollcall("bob", "offboardings", "--open", "--json")).out);
  const name = `O-${run?.number}`;
  const shown = await rollcall("bob", "offboardings", name);
  expect(shown.out).toMatch(/eve: executing, moved, manager: bob → dana/);
  expect(shown.out).toMatch(/ {2}1 +planned +access +member on \S+ in warehouse +ends \d{4}-/);
  const until = plus(now(), 30 * dayMs)
    .toISOString()
    .slice(0, 10);
  const kept = await rollcall("bob", "keep", name, "1", "--until", until, "--reason", "Closes November");
  expect(kept).toMatchObject({ code: 0, out: expect.stringMatching(/^Kept until \d{4}-.*: member on /) });
  expect((await rollcall("bob", "end", name, "2")).out).toMatch(/^Ends now: member on /);
  await runLeaving(String(run?.id));
  const after = (await rollcall("bob", "offboardings", name)).out;
  expect(after).toMatch(/ {2}1 +planned .* kept until .*\(bob: Closes November\)/);
  expect(after).toMatch(/ {2}2 +verified/);
  const receipt = JSON.parse((await rollcall("bob", "receipt", name)).out);
  expect(receipt).toMatchObject({
    receipt: { number: run?.number, lines: [{}, {}] },
    end: { origin: expect.any(String) },
  });
  expect((await rollcall("bob", "receipt", name, "--format", "csv")).out).toMatch(/^\ufeff"line","kind","what",/);
  expect((await rollcall("ann", "end", name, "1")).code).toBe(1);
  expect((await rollcall("bob", "end", name, "7")).err).toMatch(/no line 7.*lines 1 to 2/s);
  expect((await rollcall("bob", "keep", name, "1", "--until", "soon", "--reason", "x y z")).err).toMatch(/no day/);
});

test("what is left behind is listed and disposed of one by one, and whoever gets it sees it", async () => {
  const { bob, eve } = Object.fromEntries(Object.entries(world.people).map(([name, it]) => [name, it.identityId]));
  await db().identity.update({ where: { id: eve ?? "" }, data: { managerId: bob ?? null } });
  await db().offboarding.deleteMany({ where: { kind: "mover" } });
  for (const name of ["bot-a", "bot-b"])
    await db().identity.create({ data: { name, kind: "bot", kindReason: "test", firstSeenAt: now(), ownerId: eve } });
  const key = { kind: "ssh_key", externalId: "k1", name: "eve@laptop", contentHash: "", firstSeenAt: now() };
  const account = await db().principal.findFirstOrThrow({ where: { identityId: eve, type: "account" } });
  await db().credential.create({ data: { ...key, connectionId: world.connectionId, principalId: account.id } });
  const previewed = (await rollcall("bob", "offboard", "eve@acme.test", "--preview")).out;
  expect(previewed).toMatch(/Credentials that end with their account:\n(.*\n)* +ssh key +eve@laptop +in warehouse/);
  expect(previewed).toMatch(/Access that is taken:\n(.*\n)* +member on \S+ +in warehouse +from eve/);
  const [run] = jsonLines((await rollcall("bob", "offboard", "eve@acme.test", "--json")).out);
  const name = `O-${run?.number}`;
  await runLeaving(String(run?.id));
  expect((await rollcall("bob", "offboardings", name)).out).toMatch(
    /waits for bob; of security and administrators sid/,
  );
  const listed = (await rollcall("bob", "items", name, "--open")).out;
  expect(listed).toMatch(/ 1 +open +owned identity +bot-a +suggested: bob +may: hand over, revoke, keep/);
  expect((await rollcall("bob", "dispose", name, "1")).err).toMatch(/Say one thing/);
  expect((await rollcall("bob", "dispose", name, "9", "--revoke")).err).toMatch(/number 9.*1 to 2/s);
  const given = await rollcall("bob", "dispose", name, "1", "--hand-to", "dana@acme.test");
  expect(given).toMatchObject({ code: 0, out: "Hand over to dana@acme.test: bot-a\n" });
  const until = plus(now(), 30 * dayMs)
    .toISOString()
    .slice(0, 10);
  await rollcall("bob", "dispose", name, "2", "--keep-until", until, "--reason", "Moves in May");
  const after = (await rollcall("bob", "items", name)).out;
  expect(after).toMatch(/ 1 +settled +owned identity +bot-a +hand over to dana, by bob/);
  expect(after).toContain(`keep for a time until ${until}, by bob`);
  expect((await rollcall("dana", "items")).out).toMatch(/owned identity +bot-a +was eve's, handed by bob/);
});

test("runs that the brake holds are let go on several at once, and one that cannot holds up no other", async () => {
  const ids = await Promise.all(["paused_by_brake", "paused_by_brake", "closed"].map((state) => runRow(state)));
  expect((await rollcall("bob", "release", ...ids.slice(0, 2))).code).toBe(1);
  const released = await rollcall("sid", "release", ...ids, "--reason", "the reorganisation");
  expect(released).toMatchObject({ code: 1, err: expect.stringMatching(/1 of 3 do not go on/) });
  expect(released.out).toContain(`Goes on: ${ids[0]}\nGoes on: ${ids[1]}\n${ids[2]}: `);
  const held = await runRow("paused_by_brake");
  expect(await rollcall("sid", "release", "--all-held")).toMatchObject({ code: 0, out: `Goes on: ${held}\n` });
  expect((await rollcall("sid", "release")).err).toMatch(/Say which runs go on/);
});
