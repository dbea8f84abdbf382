import { afterAll, beforeAll, expect, test } from "vitest";
import { system } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { findMovers } from "@/lib/offboarding/find-movers";
import { runLeaving } from "@/lib/offboarding/test-leaving";
import { runRow } from "@/lib/offboarding/test-leaving-rows";
import { asProvisioner } from "@/lib/offboarding/test-worlds";
import { sync, type World } from "@/lib/requests/test-world";
import { dayMs, now, plus } from "@/lib/time";
import { type Company, startCompany } from "./test-company";
import { jsonLines } from "./test-rollcall";

let world: World;
let rollcall: Company["rollcall"];
let company: Company;
beforeAll(async () => {
  company = await startCompany();
  ({ world, rollcall } = company);
}, 120_000);
afterAll(() => company.drop());

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
