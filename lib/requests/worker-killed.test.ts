import { afterAll, beforeAll, expect, test } from "vitest";
import { db, rows } from "../db/client";
import { startServer18 } from "../db/test-clusters";
import { revokeGrant } from "../grants/end-grant";
import { decideRequest } from "./decide-request";
import { submitRequest } from "./submit-request";
import { type KillingProxy, type Moment, startKillingProxy } from "./test-killing-proxy";
import { startWorkerProcess, type WorkerProcess } from "./test-worker-process";
import { grantsOf, person, startWorld, type World } from "./test-world";

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
  expect.poll(() => stateOf(id), { timeout: 60_000, interval: 50 }).toBe(state);
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
