import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { db, rows } from "../db/client";
import { type CollectedCredential, collectCredential } from "../grants/collect-credential";
import { revokeGrant } from "../grants/end-grant";
import { decideRequest } from "./decide-request";
import { extendRequest } from "./extend-request";
import { submitRequest } from "./submit-request";
import { grantsOf, person, refusal, runJobs, startWorld, sync, type World } from "./test-world";

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 120_000);
afterAll(() => world.drop());

const signIn = async ({ facts, secret }: CollectedCredential) => {
  const { user, database } = Object.fromEntries(
    Object.entries(facts).map(([label, value]) => [label.toLowerCase(), value]),
  );
  const client = new pg.Client({ host: "127.0.0.1", port: world.server.port, user, database, password: secret });
  await client.connect();
  return client;
};

test("a short-lived account is handed to its subject alone, works, lasts longer when extended, and is gone with its grant", async () => {
  const item = { connection: "warehouse", permission: "member", resource: { type: "role", id: "analysts" } };
  // Bob has no account there and needs none.
  const { id } = await submitRequest(person(world, "bob"), {
    items: [item],
    reason: "look",
    duration: "PT1H",
    give: "credential",
  });
  await decideRequest(person(world, "dana"), { id, decision: "approve" });
  await runJobs();
  const [grant] = await grantsOf(id);
  if (!grant) throw new Error("nothing was given");
  expect(grant).toMatchObject({ state: "active", give: "credential" });
  for (const name of ["dana", "sid", "adam"])
    expect(await refusal(collectCredential(person(world, name), grant))).toMatch(/^forbidden/);

  const handed = await collectCredential(person(world, "bob"), { id: grant.id });
  const open = await signIn(handed);
  const cut = new Promise((resolve) => open.on("error", resolve));
  expect((await open.query("select count(*)::int as n from public.invoices")).rows).toEqual([{ n: 1 }]);
  const kept = await rows(
    "select 1 from (select to_jsonb(g) t from grants g union all select to_jsonb(e) from audit_events e union all select to_jsonb(s) from grant_steps s) x where x.t::text like '%' || $1 || '%'",
    [handed.secret],
  );
  expect(kept).toEqual([]);
  const again = await collectCredential(person(world, "bob"), { id: grant.id });
  expect(again.secret).not.toBe(handed.secret);
  await expect(signIn(handed)).rejects.toThrow(/password authentication failed/);

  const longer = await extendRequest(person(world, "bob"), {
    grantId: grant.id,
    duration: "PT1H",
    reason: "more to see",
  });
  await decideRequest(person(world, "dana"), { id: longer.id, decision: "approve" });
  await runJobs();
  const until = await world.server.connect();
  const { rows: roles } = await until.query<{ until: Date }>(
    "select rolvaliduntil as until from pg_roles where rolname = $1",
    [grant.issuedName],
  );
  await until.end();
  const extended = await db().grant.findUniqueOrThrow({ where: { id: grant.id } });
  expect(roles[0]?.until.getTime()).toBe(extended.endsAt?.getTime());

  await revokeGrant(person(world, "bob"), { id: grant.id });
  await runJobs();
  expect(String(await cut)).toMatch(/terminat/);
  await expect(signIn(again)).rejects.toThrow(/password authentication failed|does not exist|not permitted to log in/);
  expect(await db().grant.findUniqueOrThrow({ where: { id: grant.id } })).toMatchObject({
    state: "ended",
    endedBecause: "revoked",
  });
  expect(await refusal(collectCredential(person(world, "bob"), grant))).toMatch(/^conflict/);
});

test("a short-lived account that somebody drops in the system is seen at the next sync, and said on its grant", async () => {
  const item = { connection: "warehouse", permission: "member", resource: { type: "role", id: "analysts" } };
  const asked = { items: [item], reason: "look", duration: "PT1H", give: "credential" as const };
  const { id } = await submitRequest(person(world, "bob"), asked);
  await decideRequest(person(world, "dana"), { id, decision: "approve" });
  await runJobs();
  const [grant] = await grantsOf(id);
  const stateOf = () => db().grant.findUniqueOrThrow({ where: { id: grant?.id ?? "" } });
  await sync(world.connectionId);
  expect(await stateOf()).toMatchObject({ state: "active", drift: null });

  const client = await world.server.connect();
  await client.query(`drop role ${pg.escapeIdentifier(grant?.issuedName ?? "")}`);
  await client.end();
  await sync(world.connectionId);
  expect(await stateOf()).toMatchObject({ state: "active", drift: "taken_away" });
  const said = { where: { action: "grant.taken_away", targetId: grant?.id ?? "" } };
  expect(await db().auditEvent.count(said)).toBe(1);
  await sync(world.connectionId);
  expect(await db().auditEvent.count(said)).toBe(1);

  await revokeGrant(person(world, "bob"), { id: grant?.id ?? "" });
  await runJobs();
  expect(await stateOf()).toMatchObject({ state: "ended" });
});
