import { afterAll, beforeAll, expect, test } from "vitest";
import { rows } from "../db/client";
import { compareGrants } from "../grants/compare-grants";
import { revokeGrant } from "../grants/end-grant";
import { countUnmanaged, listUnmanaged, walkUnmanaged } from "../grants/unmanaged-queries";
import { parseState } from "../lists/schema";
import { hourMs, now, plus } from "../time";
import { unmanagedList } from "../views/lists/unmanaged-list";
import { decideRequest } from "./decide-request";
import { submitRequest } from "./submit-request";
import { grantsOf, person, runJobs, startWorld, sync, type World, worker } from "./test-world";

let world: World;
beforeAll(async () => {
  world = await startWorld();
  const client = await world.server.connect();
  await client.query(
    "grant analysts to eve; grant select on invoices to eve; create role nobody_known login; grant analysts to nobody_known",
  );
  await client.end();
  await sync(world.connectionId);
}, 120_000);
afterAll(() => world.drop());

const asked = {
  items: [{ connection: "warehouse", permission: "member", resource: { type: "group", id: "analysts" } }],
};
const stateOf = (query: Record<string, string> = {}) => parseState(unmanagedList, query).state;
const seen = async (name: string, query: Record<string, string> = {}) =>
  (
    await listUnmanaged(person(world, name), { state: stateOf({ connection: "warehouse", ...query }), limit: 500 })
  ).items.map((row) => `${row.account.name}: ${row.permission} ${row.resource.name}`);

test("what was given by hand is unmanaged, and what a live grant explains is not, until that ends", async () => {
  const byHand = ["eve: SELECT public.invoices", "eve: member analysts", "nobody_known: member analysts"];
  expect(await seen("sid")).toEqual(expect.arrayContaining(byHand));
  const owned = (await seen("sid")).filter((row) => row.endsWith("public.invoices") && !row.startsWith("eve"));
  expect(owned).toContain(`${world.server.user}: OWNER public.invoices`);
  expect(owned).not.toContain(`${world.server.user}: SELECT public.invoices`);
  const before = await seen("sid");

  const { id } = await submitRequest(person(world, "ann"), { ...asked, reason: "look at invoices", duration: "PT2H" });
  await decideRequest(person(world, "bob"), { id, decision: "approve" });
  await runJobs();
  await sync(world.connectionId);
  expect((await seen("sid")).sort()).toEqual([...before].sort());
  const [held] = await rows<{ n: number }>(
    `select count(*)::int as n from memberships m join principals a on a.id = m.member_id and a.name = 'ann'
     join principals g on g.id = m.group_id and g.name = 'analysts' where m.removed_at is null`,
  );
  expect(held?.n).toBe(1);

  // As if it had been given without anybody's deciding.
  await rows("update justifications set ended_at = $1 where ended_at is null", [now()]);
  expect(await seen("sid")).toContain("ann: member analysts");
});

test("what is given by hand after a grant that ended unbegun is unmanaged, and compared no more than that", async () => {
  const items = [
    { ...asked.items[0], connection: "warehouse", permission: "member", resource: { type: "group", id: "auditors" } },
  ];
  const later = { startsAt: plus(now(), 2 * hourMs).toISOString(), reason: "next week", duration: "PT2H" };
  const { id } = await submitRequest(person(world, "eve"), { items, ...later });
  for (const name of ["bob", "cara"])
    await decideRequest(person(world, name), { id, decision: "approve" }).catch(() => undefined);
  const [grant] = await grantsOf(id);
  expect(await revokeGrant(person(world, "eve"), { id: grant?.id ?? "" })).toMatchObject({ state: "ended" });
  const client = await world.server.connect();
  await client.query("grant auditors to eve");
  await client.end();
  await sync(world.connectionId);
  await rows("delete from graphile_worker._private_jobs where key like 'compare %'");
  await compareGrants(worker, { connectionId: world.connectionId });
  expect(await grantsOf(id)).toMatchObject([{ state: "ended", drift: null }]);
  expect(await seen("eve")).toContain("eve: member auditors");
  expect(await rows("select key from graphile_worker.jobs where key like 'compare %'")).toEqual([]);
});

test("it is narrowed by who holds it, by its might, and by any word of it", async () => {
  expect(await seen("sid", { kind: "!human", q: "nobody" })).toEqual(["nobody_known: member analysts"]);
  expect(await seen("sid", { kind: "human", q: "nobody" })).toEqual([]);
  expect(await seen("sid", { q: "invoices" })).toContain("eve: SELECT public.invoices");
  const [mighty, all] = [await seen("sid", { privileged: "true" }), await seen("sid")];
  expect(all).toEqual(expect.arrayContaining(mighty));
  expect(mighty).not.toContain("eve: SELECT public.invoices");
  expect([...mighty, ...(await seen("sid", { privileged: "false" }))].sort()).toEqual([...all].sort());
  expect(await seen("sid", { firstSeen: "+1d" })).toEqual([]);
});

test("everybody sees their own and their people's, and nobody else's", async () => {
  const own = ["eve: SELECT public.invoices", "eve: member analysts", "eve: member auditors"];
  expect((await seen("eve")).sort()).toEqual(own);
  expect(await seen("ann")).not.toContain("eve: member analysts");
});

test("pages follow each other without a gap, and the count and the export agree", async () => {
  const sid = person(world, "sid");
  const whole: string[] = [];
  for await (const page of await walkUnmanaged(sid, { state: stateOf() })) whole.push(...page.map(({ id }) => id));
  const paged: string[] = [];
  let state = stateOf();
  for (;;) {
    const { items, nextCursor } = await listUnmanaged(sid, { state, limit: 2 });
    paged.push(...items.map(({ id }) => id));
    if (nextCursor === null) break;
    state = { ...state, place: { cursor: nextCursor, way: "after" } };
  }
  expect(paged).toEqual(whole);
  expect(new Set(whole).size).toBe(whole.length);
  expect(await countUnmanaged(sid, { state: stateOf() })).toEqual({ value: whole.length, capped: false });
});
