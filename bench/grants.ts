import pg from "pg";
import { rows } from "@/lib/db/client";
import { resetEnv } from "@/lib/env";
import { revokeGrant } from "@/lib/grants/end-grant";
import { decideRequest } from "@/lib/requests/decide-request";
import { submitRequest } from "@/lib/requests/submit-request";
import { startWorkerProcess } from "@/lib/requests/test-worker-process";
import { grantsOf, person, startWorld, type World } from "@/lib/requests/test-world";
import { inboxPages, policyDecision } from "./deciding";
import { manyEnds } from "./many-ends";
import { type Figure, median, timed } from "./measure";
import { until } from "./until";

const analysts = { connection: "warehouse", permission: "member", resource: { type: "role", id: "analysts" } };

/**
 * Giving and taking in a real PostgreSQL, by two real workers: from approval to usable, from revoke to cut off, and a
 * thousand ends in one second. In a database and a target of its own.
 */
export async function benchGrants(): Promise<Figure[]> {
  const before = process.env.DATABASE_URL;
  process.env.TEST_SERVER_URL = before?.replace(/\/[^/]*$/, "/postgres");
  await makeTemplate();
  const world = await startWorld();
  const workers = [startWorkerProcess(), startWorkerProcess()];
  const target = await world.server.connect();
  try {
    await untilWorking(world);
    return [
      ...(await givingAndTaking(world, target, 40, 1)),
      ...(await givingAndTaking(world, target, 10, 20)),
      await manyEnds(world, target),
      await policyDecision(world),
      await inboxPages(world),
    ];
  } finally {
    for (const worker of workers) await worker.end("SIGKILL");
    await target.end();
    await world.drop();
    process.env.DATABASE_URL = before;
    resetEnv();
  }
}

/** What `freshDatabase` copies: the migrated schema, empty. */
export async function makeTemplate(): Promise<void> {
  const { migrate } = await import("@/lib/db/migrate");
  const server = new pg.Client({ connectionString: process.env.TEST_SERVER_URL });
  await server.connect();
  const [known] = (await server.query("select 1 from pg_database where datname = 'rollcall_template'")).rows;
  if (!known) await server.query("create database rollcall_template");
  await server.end();
  await migrate(process.env.TEST_SERVER_URL?.replace(/\/[^/]*$/, "/rollcall_template") ?? "");
}

async function untilWorking(world: World): Promise<void> {
  for (let n = 0; n < 3; n++) await revoked(world, await given(world));
}

async function approved(world: World): Promise<string> {
  const { id } = await submitRequest(person(world, "ann"), { items: [analysts], reason: "bench", duration: "PT2H" });
  await decideRequest(person(world, "bob"), { id, decision: "approve" });
  return (await grantsOf(id))[0]?.id ?? "";
}

const inState = (id: string, state: string) => async () =>
  (await rows("select 1 from grants where id = $1 and state = $2", [id, state])).length > 0;

async function given(world: World): Promise<string> {
  const id = await approved(world);
  await until(inState(id, "active"));
  return id;
}

async function revoked(world: World, id: string): Promise<void> {
  await revokeGrant(person(world, "sid"), { id });
  await until(inState(id, "ended"));
}

const p95 = (times: number[]) => [...times].sort((a, b) => a - b)[Math.ceil(times.length * 0.95) - 1] ?? Number.NaN;

async function givingAndTaking(world: World, target: pg.Client, samples: number, sessions: number): Promise<Figure[]> {
  const times = { give: [] as number[], take: [] as number[], bare: [] as number[], signingIn: [] as number[] };
  for (let n = 0; n < samples; n++) {
    const { id } = await submitRequest(person(world, "ann"), { items: [analysts], reason: "bench", duration: "PT2H" });
    times.give.push(
      await timed(async () => {
        await decideRequest(person(world, "bob"), { id, decision: "approve" });
        await until(() => isUsable(target));
      }),
    );
    const grantId = (await grantsOf(id))[0]?.id ?? "";
    await until(inState(grantId, "active"));
    const { cut } = await openSessions(world, sessions);
    times.take.push(
      await timed(async () => {
        await revokeGrant(person(world, "sid"), { id: grantId });
        await cut;
        // Asked once, where it is gone by then: whoever asks all the time takes the machine from the worker.
        await until(async () => !(await isUsable(target)));
      }),
    );
    await until(inState(grantId, "ended"));
    await target.query("grant analysts to ann");
    const again = await openSessions(world, sessions);
    times.bare.push(
      await timed(async () => {
        await target.query("revoke analysts from ann");
        await target.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'ann'");
        await again.cut;
      }),
    );
    await target.query("grant analysts to ann");
    const once = await openSessions(world, sessions);
    times.signingIn.push(
      await timed(async () => {
        const administrator = await world.server.connect();
        await administrator.query("revoke analysts from ann");
        await administrator.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'ann'");
        await once.cut;
        await administrator.end();
      }),
    );
  }
  const of = `with ${sessions} open session${sessions === 1 ? "" : "s"}`;
  const oursMs = median(times.take);
  const atMost = { ratio: sessions > 1 ? 3 : 5 };
  const figures: Figure[] = [
    {
      what: `revoke to cut off and not held, p95, ${of}`,
      bareMs: null,
      oursMs: p95(times.take),
      atMost: { ms: 1_000 },
    },
    {
      what: "the same against the bare statements of an administrator who signs in, median",
      bareMs: median(times.signingIn),
      oursMs,
      atMost,
    },
    {
      what: "the same against the bare statements in a session that is open, median",
      bareMs: median(times.bare),
      oursMs,
      atMost,
    },
  ];
  if (sessions > 1) return figures;
  const usable = { what: "approval to usable in PostgreSQL, p95", bareMs: null, oursMs: p95(times.give) };
  return [{ ...usable, atMost: { ms: 1_000 } }, ...figures];
}

async function isUsable(target: pg.Client): Promise<boolean> {
  const { rows } = await target.query<{ may: boolean }>("select pg_has_role('ann', 'analysts', 'USAGE') as may");
  return rows[0]?.may ?? false;
}

/** Opens sessions of ann. `cut` resolves when all of them were ended from the other side. */
async function openSessions(world: World, count: number): Promise<{ cut: Promise<unknown> }> {
  const clients = await Promise.all(
    Array.from({ length: count }, () => world.server.connect("postgres", "ann", "ann")),
  );
  return { cut: Promise.all(clients.map((client) => new Promise((resolve) => client.on("error", resolve)))) };
}
