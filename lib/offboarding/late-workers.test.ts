import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { asAdministrator, provisioner } from "../connectors/postgresql/test-provisioner";
import { rows } from "../db/client";
import { startServer18 } from "../db/test-clusters";
import { watchGrants } from "../grants/watch-grants";
import { decideRequest } from "../requests/decide-request";
import { submitRequest } from "../requests/submit-request";
import { type KillingProxy, startKillingProxy } from "../requests/test-killing-proxy";
import { startWorkerProcess } from "../requests/test-worker-process";
import { person, startWorld, sync, type World, worker } from "../requests/test-world";
import { hourMs, now, plus, setClock } from "../time";
import { cancelOffboarding } from "./cancel-offboarding";
import { startOffboarding } from "./start-offboarding";
import { runLeaving, runOf, stepsOf } from "./test-leaving";
import { watchOffboardings } from "./watch-offboardings";

let world: World;
let proxy: KillingProxy;
beforeAll(async () => {
  world = await startWorld(async () => {
    const server = await startServer18();
    proxy = await startKillingProxy(server.port);
    return { ...server, port: proxy.port, stop: () => proxy.stop().then(() => server.stop()) };
  });
  await asAdministrator(world.server, async (client) => {
    for (const name of ["ann", "eve"])
      await client.query(`grant "${name}" to "${provisioner}" with admin true, inherit false, set false`);
  });
  await sync(world.connectionId);
}, 120_000);
afterEach(() => setClock(null));
afterAll(() => world.drop());

const analysts = { connection: "warehouse", permission: "member", resource: { type: "role", id: "analysts" } };
const eventsOf = (id: string, action: string) =>
  rows<{ details: { step?: string; lateSeconds?: number } }>(
    "select details from audit_events where target_id = $1 and action = $2",
    [id, action],
  );
const mayLogIn = (name: string) =>
  asAdministrator(world.server, async (client) => {
    const { rows: found } = await client.query("select rolcanlogin from pg_roles where rolname = $1", [name]);
    return found[0]?.rolcanlogin;
  });

test("the watch over grants ends those of a leaver first: the receipt is the same as if it had not", async () => {
  const asked = { items: [analysts], reason: "work", duration: "PT2H" };
  const { id: request } = await submitRequest(person(world, "ann"), asked);
  await decideRequest(person(world, "bob"), { id: request, decision: "approve" });
  await runLeaving();
  const { id } = await startOffboarding(person(world, "bob"), { identity: "ann@acme.test", holdDays: null });
  await rows("update graphile_worker._private_jobs set run_at = now() + interval '1 hour' where key like 'step %'");
  await watchGrants(worker);
  await runLeaving();
  await rows("update graphile_worker._private_jobs set run_at = now() where key like 'step %'");
  await runLeaving(id);
  expect(await world.holds("ann", "analysts")).toBe(false);
  const grant = (await stepsOf(id)).find(({ kind }) => kind === "grant");
  expect(grant).toMatchObject({ state: "verified", changed: true });
  expect((await eventsOf(id, "offboarding.step_verified")).map(({ details }) => details.step)).not.toContain("grant");
});

test("whose time to leave passed while nothing ran leaves before anything is given, and it is said how late", async () => {
  const { id } = await startOffboarding(person(world, "sid"), {
    identity: "dana@acme.test",
    at: plus(now(), hourMs).toISOString(),
  });
  const asked = { items: [analysts], reason: "work", duration: "PT9H", give: "credential" as const };
  const { id: request } = await submitRequest(person(world, "eve"), asked);
  await decideRequest(person(world, "bob"), { id: request, decision: "approve" });
  setClock(plus(now(), 4 * hourMs));
  const due = await rows<{ task: string }>(
    "select task_identifier as task from graphile_worker.jobs where run_at <= $1 order by priority, run_at, id",
    [now()],
  );
  const order = due.map(({ task }) => task);
  expect(order.indexOf("begin-offboarding")).toBeGreaterThanOrEqual(0);
  expect(order.indexOf("activate-grant")).toBeGreaterThan(order.indexOf("begin-offboarding"));
  await watchOffboardings(worker);
  await runLeaving(id);
  const [begun] = await eventsOf(id, "offboarding.begun");
  expect(begun?.details.lateSeconds).toBeGreaterThanOrEqual(3 * 3_600);
});

test("a worker that stands still in the middle holds up nobody's leaving, and what it shuts when it wakes is opened again", async () => {
  const sleeper = startWorkerProcess();
  let wake: () => void = () => undefined;
  const asleep = new Promise<void>((stopped) => {
    proxy.at('ALTER ROLE "eve"', "held", () => {
      process.kill(sleeper.pid, "SIGSTOP");
      stopped();
      return new Promise((resolve) => {
        wake = resolve;
      });
    });
  });
  const { id } = await startOffboarding(person(world, "sid"), { identity: "eve@acme.test", reason: "a rumour" });
  await asleep;
  // As if it had slept for ten minutes: the database has ended its transactions by then.
  await expect.poll(endTransactions, { timeout: 60_000 }).toEqual([]);
  const other = startWorkerProcess();
  for (const table of ["_private_jobs", "_private_job_queues"])
    await rows(
      `update graphile_worker.${table} set locked_at = locked_at - interval '10 minutes' where locked_at is not null`,
    );
  await rows("update offboardings set begun_at = begun_at - interval '10 minutes' where id = $1::uuid", [id]);
  // Each minute; its lane stays with the one that sleeps.
  const watched = async <T>(look: () => Promise<T>): Promise<T> => {
    await watchOffboardings(worker);
    return look();
  };
  const each = { timeout: 120_000, interval: 500 };
  await expect.poll(() => watched(async () => (await runOf(id)).state), each).toBe("closed");
  expect(await mayLogIn("eve")).toBe(false);

  await cancelOffboarding(person(world, "sue"), { id, reason: "it was only a rumour" });
  const restored = async () => (await stepsOf(id)).find(({ kind }) => kind === "account")?.state === "restored";
  await expect.poll(() => watched(restored), each).toBe(true);
  expect(await mayLogIn("eve")).toBe(true);
  wake();
  process.kill(sleeper.pid, "SIGCONT");
  // What it began has ended, and so has the look that it ordered.
  const [account] = (await stepsOf(id)).filter(({ kind }) => kind === "account");
  const still = () =>
    rows(
      "select 1 from graphile_worker._private_jobs where payload ->> 'stepId' = $1 and coalesce(key, '') not like 'look %'",
      [account?.id],
    );
  await expect.poll(still, { timeout: 180_000 }).toEqual([]);
  expect(await mayLogIn("eve")).toBe(true);
  expect(await restored()).toBe(true);
  await Promise.all([sleeper.end("SIGKILL"), other.end("SIGTERM")]);
}, 480_000);

const endTransactions = () =>
  rows(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
    and pid <> pg_backend_pid() and state in ('active', 'idle in transaction')`);
