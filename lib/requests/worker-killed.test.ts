import { afterAll, beforeAll, expect, test } from "vitest";
import { db, rows } from "../db/client";
import { startServer18 } from "../db/test-clusters";
import { revokeGrant } from "../grants/end-grant";
import { watchGrants } from "../grants/watch-grants";
import { decideRequest } from "./decide-request";
import { submitRequest } from "./submit-request";
import { type KillingProxy, type Moment, startKillingProxy } from "./test-killing-proxy";
import { startWorkerProcess, type WorkerProcess } from "./test-worker-process";
import { grantsOf, person, startWorld, type World, worker } from "./test-world";

// The product's own worker, killed with SIGKILL or stopped with SIGSTOP at an exact word of its conversation with the
// target; another worker takes over.

let world: World;
let proxy: KillingProxy;
beforeAll(async () => {
  world = await startWorld(async () => {
    const server = await startServer18();
    proxy = await startKillingProxy(server.port);
    return { ...server, port: proxy.port, stop: () => proxy.stop().then(() => server.stop()) };
  });
}, 120_000);
afterAll(() => world.drop());

const analysts = { connection: "warehouse", permission: "member", resource: { type: "role", id: "analysts" } };

async function approved(give: "assignment" | "credential"): Promise<string> {
  const { id } = await submitRequest(person(world, "ann"), { items: [analysts], reason: "x", duration: "PT2H", give });
  await decideRequest(person(world, "bob"), { id, decision: "approve" });
  return (await grantsOf(id))[0]?.id ?? "";
}

const stateOf = async (id: string) => (await db().grant.findUniqueOrThrow({ where: { id } })).state;
const until = (id: string, state: string) =>
  expect.poll(() => stateOf(id), { timeout: 120_000, interval: 50 }).toBe(state);
const receiptOf = async (grantId: string) =>
  (await db().grantStep.findMany({ where: { grantId }, orderBy: { id: "asc" } })).map(({ step }) => step);

async function holders(): Promise<number> {
  const client = await world.server.connect();
  const { rows } = await client.query(
    "select 1 from pg_auth_members where roleid = 'analysts'::regrole and member <> 'rollcall_gives'::regrole",
  );
  await client.end();
  return rows.length;
}

/** A worker that is killed at that word, and the one that comes after it. */
async function killedAt(words: string, moment: Moment): Promise<{ next: WorkerProcess }> {
  const first = startWorkerProcess();
  proxy.at(words, moment, () => first.end("SIGKILL"));
  await first.ended;
  return { next: startWorkerProcess() };
}

test.each([
  ["assignment", 'GRANT "analysts"', 'REVOKE "analysts"'],
  ["credential", "CREATE ROLE", "DROP ROLE"],
] as const)(
  "a worker killed in the middle of giving or taking by %s leaves what the next one finishes",
  async (give, giving, taking) => {
    for (const moment of ["before", "after"] as const) {
      const grantId = await approved(give);
      const { next } = await killedAt(giving, moment);
      await until(grantId, "active");
      expect(await holders()).toBe(1);
      expect((await receiptOf(grantId)).filter((step) => step === "done")).toHaveLength(1);
      await next.end("SIGTERM");
      await revokeGrant(person(world, "ann"), { id: grantId });
      const after = await killedAt(taking, moment);
      await until(grantId, "ended");
      expect(await holders()).toBe(0);
      const ended = await rows("select 1 from audit_events where target_id = $1 and action = 'grant.ended'", [grantId]);
      expect(ended).toHaveLength(1);
      await after.next.end("SIGTERM");
    }
  },
  240_000,
);

test("a worker that is stopped in the middle holds up no revocation, and what it does when it wakes is undone", async () => {
  const grantId = await approved("assignment");
  const sleeper = startWorkerProcess();
  let wake: () => void = () => undefined;
  const asleep = new Promise<void>((stopped) => {
    proxy.at("pg_advisory_xact_lock", "held", () => {
      process.kill(sleeper.pid, "SIGSTOP");
      stopped();
      return new Promise((resolve) => {
        wake = resolve;
      });
    });
  });
  await asleep;
  const other = startWorkerProcess();
  expect(await stateOf(grantId)).toBe("activating");
  // As if it had slept for ten minutes.
  for (const table of ["_private_jobs", "_private_job_queues"])
    await rows(
      `update graphile_worker.${table} set locked_at = locked_at - interval '10 minutes' where locked_at is not null`,
    );
  await watchGrants(worker);
  await until(grantId, "active");
  await revokeGrant(person(world, "ann"), { id: grantId });
  await watchGrants(worker);
  await until(grantId, "ended");
  expect(await holders()).toBe(0);

  const given = proxy.heard('GRANT "analysts"');
  wake();
  process.kill(sleeper.pid, "SIGCONT");
  await expect.poll(() => proxy.heard('GRANT "analysts"'), { timeout: 120_000 }).toBeGreaterThan(given);
  await expect.poll(holders, { timeout: 120_000 }).toBe(0);
  expect(await stateOf(grantId)).toBe("ended");
  expect((await receiptOf(grantId)).filter((step) => step === "proven")).toHaveLength(1);
  await Promise.all([sleeper.end("SIGKILL"), other.end("SIGTERM")]);
}, 240_000);
