import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { db, rows } from "../db/client";
import { startWorkerProcess } from "../requests/test-worker-process";
import { worker } from "../requests/test-world";
import { now } from "../time";
import { startOffboarding } from "./start-offboarding";
import { asProvisioner, makeRoles, readAll, standingOf, startWorlds, type Worlds } from "./test-worlds";

// More leave at once than the worker has hands, and each of them has more than one thing in either system.
const leavers = Array.from({ length: 6 }, (_, n) => `leaver${n}`);
const groups = ["analysts", "billing", "readers"];
const hands = 12;
// By their queues, three for leaving and five for grants.
const lanes = 8;

let worlds: Worlds;
let silent: Awaited<ReturnType<typeof startSilence>>;
beforeAll(async () => {
  silent = await startSilence();
  worlds = await startWorlds({ directory: false });
  for (const server of worlds.servers) {
    await makeRoles(server, { accounts: leavers, groups });
    await asProvisioner(
      server,
      leavers.flatMap((name) => groups.map((group) => `grant ${group} to ${name}`)),
    );
  }
  const facts = { kind: "human", kindReason: "test", firstSeenAt: now() };
  await db().identity.createMany({
    data: leavers.map((name) => ({ ...facts, name, email: `${name}@acme.test` })),
  });
  await readAll(worlds);
}, 240_000);
afterAll(async () => {
  await worlds?.drop();
  await silent?.stop();
});

test("a system that takes calls and never answers keeps its own lanes, and delays no other", async () => {
  const [alive, dead] = worlds.connections;
  await rows("update connections set settings = settings || jsonb_build_object('port', $2::int) where id = $1", [
    dead,
    silent.port,
  ]);
  for (const name of leavers) {
    await rows("update offboardings set created_at = created_at - interval '2 hours'");
    await startOffboarding(worker, { identity: `${name}@acme.test`, holdDays: null });
  }
  // Its jobs are the older ones, so that they are taken first.
  await rows(
    `update graphile_worker._private_jobs j set run_at = now() - interval '1 hour'
     from offboarding_steps s where s.connection_id = $1 and j.key = 'step ' || s.id`,
    [dead],
  );
  const hand = startWorkerProcess({ WORKER_ACCESS_HANDS: String(hands) });
  let most = 0;
  try {
    await expect
      .poll(
        async () => {
          most = Math.max(most, await running(dead ?? ""));
          return open(alive ?? "");
        },
        { timeout: 120_000, interval: 20 },
      )
      .toBe(0);
    await expect.poll(() => silent.calls(), { timeout: 60_000 }).toBeGreaterThan(0);
  } finally {
    await hand.end("SIGKILL");
  }
  expect(most).toBeLessThanOrEqual(lanes);
  expect(await open(dead ?? "")).toBeGreaterThan(0);
  const [server] = worlds.servers;
  for (const name of leavers)
    expect(server && (await standingOf(server, name))).toEqual({ login: false, memberships: [], opened: false });
}, 240_000);

async function open(connectionId: string): Promise<number> {
  const [row] = await rows<{ open: number }>(
    "select count(*)::int as open from offboarding_steps where connection_id = $1 and verified_at is null",
    [connectionId],
  );
  return row?.open ?? 0;
}

async function running(connectionId: string): Promise<number> {
  const [row] = await rows<{ running: number }>(
    `select count(*)::int as running from graphile_worker._private_jobs j join offboarding_steps s on j.key = 'step ' || s.id
     where s.connection_id = $1 and j.locked_at is not null`,
    [connectionId],
  );
  return row?.running ?? 0;
}

/** Takes every call and never answers. */
async function startSilence() {
  const sockets = new Set<Socket>();
  let calls = 0;
  const server = createServer((socket) => {
    calls++;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    calls: () => calls,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
