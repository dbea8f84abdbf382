import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { db, rows } from "../db/client";
import { endDueGrant } from "../grants/end-due-grant";
import { minuteMs, now, plus } from "../time";
import { giveMany } from "./test-many-grants";
import { runJobs, startWorld, type World, worker } from "./test-world";

let world: World;
let target: pg.Client;
let grants: string[];
const later = plus(now(), 30 * minuteMs);
beforeAll(async () => {
  world = await startWorld();
  target = await world.server.connect();
  grants = await giveMany(world, target, 24, later);
}, 120_000);
afterAll(async () => {
  await target.end();
  await world.drop();
});

const grantOf = (n: number) => grants[n - 1] ?? "";
const due = (from: number, to: number) =>
  rows("update grants set ends_at = clock_timestamp() where id = any($1::uuid[])", [grants.slice(from - 1, to)]);
const waiting = async () =>
  (await rows<{ key: string }>("select key from graphile_worker.jobs where key like 'end %'")).map(({ key }) =>
    grants.indexOf(key.slice(4)),
  );
const states = async (from: number, to: number) => {
  const found = await db().grant.findMany({ where: { id: { in: grants.slice(from - 1, to) } } });
  const byId = new Map(found.map((grant) => [grant.id, grant.state]));
  return grants.slice(from - 1, to).map((id) => byId.get(id));
};
const held = async () => {
  const { rows: found } = await target.query<{ name: string }>(
    "select member::regrole::text as name from pg_auth_members where member::regrole::text like 'many\\_%'",
  );
  return new Set(found.map(({ name }) => name));
};
// Of two jobs in one lane the second may come in a later run.
const runAll = async () => {
  for (let left = true; left; ) {
    await runJobs();
    left =
      (await rows("select 1 from graphile_worker.jobs where task_identifier = 'converge-access' and run_at <= now()"))
        .length > 0;
  }
};
const all = (count: number, state: string) => Array.from({ length: count }, () => state);

test("what is due together ends together, each with its own event and receipt; what is not due stays", async () => {
  await due(1, 8);
  // Two workers, each with the job of one of them, at the same moment.
  await Promise.all([
    endDueGrant(worker, { grantId: grantOf(1) }),
    endDueGrant(worker, { grantId: grantOf(2) }),
    endDueGrant(worker, { grantId: grantOf(9) }),
  ]);
  expect(await states(1, 9)).toEqual([...all(8, "ending"), "active"]);
  const left = await waiting();
  for (let n = 3; n <= 8; n++) expect(left).not.toContain(n - 1);
  expect(left).toContain(9 - 1);
  await runAll();
  expect(await states(1, 9)).toEqual([...all(8, "ended"), "active"]);
  const names = await held();
  expect([1, 8, 9, 24].map((n) => names.has(`many_${n}`))).toEqual([false, false, true, true]);
  for (let n = 1; n <= 8; n++) {
    const told = await db().auditEvent.findMany({ where: { targetId: grantOf(n) }, orderBy: { at: "asc" } });
    expect(told.map(({ action }) => action)).toEqual(["grant.end_ordered", "grant.ended"]);
    const steps = await db().grantStep.findMany({ where: { grantId: grantOf(n) }, orderBy: { id: "asc" } });
    expect(steps.map(({ step }) => step)).toEqual(["end_ordered", "taken", "sessions_ended", "read_back", "proven"]);
  }
});

test("one that cannot end holds up no other", async () => {
  await rows(
    `create function refuse_one() returns trigger language plpgsql as $$ begin
       if new.id = '${grantOf(12)}' and new.state = 'ending' then raise exception 'not this one'; end if; return new; end $$`,
  );
  await rows("create trigger refuse_one before update on grants for each row execute function refuse_one()");
  await due(10, 14);
  await endDueGrant(worker, { grantId: grantOf(10) });
  expect(await states(10, 14)).toEqual(["ending", ...all(4, "active")]);
  expect(await waiting()).toEqual(expect.arrayContaining([11, 12, 13, 14].map((n) => n - 1)));
  await rows("update graphile_worker._private_jobs set run_at = now() where key like 'end %' and key <> $1", [
    `end ${grantOf(24)}`,
  ]);
  await runAll();
  expect(await states(10, 14)).toEqual(["ended", "ended", "active", "ended", "ended"]);
  await rows("drop trigger refuse_one on grants");
  await endDueGrant(worker, { grantId: grantOf(12) });
  await runAll();
  expect(await states(12, 12)).toEqual(["ended"]);
});

test("of accounts that are taken from in one job, one at which it fails keeps no other", async () => {
  // What a superuser has open is not ours to end: it is taken, and is not over.
  await target.query("alter role many_17 superuser password 'many'");
  const open = await world.server.connect("postgres", "many_17", "many");
  await due(15, 20);
  await endDueGrant(worker, { grantId: grantOf(15) });
  const jobs = await rows<{ also: number }>(
    "select jsonb_array_length((payload->'also')::jsonb) as also from graphile_worker._private_jobs where key like 'accesses %'",
  );
  expect(jobs).toEqual([{ also: 5 }]);
  await runAll();
  await open.end();
  expect(await states(15, 20)).toEqual(["ended", "ended", "ending_failed", "ended", "ended", "ended"]);
  const failed = await db().grant.findUniqueOrThrow({ where: { id: grantOf(17) } });
  expect(failed.lastError).toMatchObject({ message: expect.stringContaining("many_17") });
  expect(failed.nextTryAt).not.toBeNull();
});
