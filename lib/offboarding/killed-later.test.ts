import { afterAll, beforeAll, expect, test } from "vitest";
import { asAdministrator } from "../connectors/postgresql/test-provisioner";
import { isDatabaseAway, rows } from "../db/client";
import type { Moment, Place } from "../db/test-gallows";
import { AppError } from "../errors";
import { unlockDeadWorkers } from "../jobs/live-workers";
import type { WorkerProcess } from "../requests/test-worker-process";
import { worker } from "../requests/test-world";
import { dayMs, nowMs } from "../time";
import { cancelOffboarding } from "./cancel-offboarding";
import { startOffboarding } from "./start-offboarding";
import { type MortalWorld, startMortalWorld, type Waiting } from "./test-mortal-world";
import { directoryStanding, runSetUp, standingOf } from "./test-worlds";

// SIGKILL at every word of what comes after everything is shut: the deleting after the hold, and the way back after a false
// alarm. Whoever is killed, it ends as the one that nobody disturbed.

// At every word; with SWEEP=6 at every sixth, each day at others.
const day = Math.floor(nowMs() / dayMs);
const step = Number(process.env.SWEEP ?? 1);
const moments = day % 2 === 0 ? (["after", "before"] as const) : (["before", "after"] as const);
const people = Array.from({ length: 160 }, (_, n) => `l${n}`);
let next = 0;
let world: MortalWorld;
let live: WorkerProcess;
let spare: Waiting;
beforeAll(async () => {
  world = await startMortalWorld(people);
  live = (await world.nextWorker()).go();
  spare = await world.nextWorker();
}, 240_000);
afterAll(async () => {
  await live?.end("SIGKILL");
  await spare?.process.end("SIGKILL");
  await world?.stop();
}, 60_000);

/** What begins once somebody is shut out everywhere, and what is so when it is over. */
type Later = {
  begin(id: string): Promise<void>;
  isOver(id: string): Promise<boolean>;
  check(name: string): Promise<void>;
};

const deleting: Later = {
  // The hold is over, as if the day had come.
  begin: async (id) => {
    const due = await rows<{ id: string }>(
      "update offboarding_steps set not_before = now() where offboarding_id = $1::uuid and kind = 'deletion' and state = 'planned' returning id",
      [id],
    );
    for (const { id: one } of due)
      await rows("update graphile_worker._private_jobs set run_at = now() where key = $1 and locked_at is null", [
        `step ${one}`,
      ]);
  },
  isOver: async (id) => {
    const [left] = await rows<{ count: number }>(
      "select count(*)::int from offboarding_steps where offboarding_id = $1::uuid and kind = 'deletion' and state <> 'verified'",
      [id],
    );
    return (await stateOf(id)) === "closed" && left?.count === 0;
  },
  check: async (name) => {
    const { rows: roles } = await asAdministrator(world.target, (client) =>
      client.query("select 1 from pg_roles where rolname = $1", [name]),
    );
    expect(roles).toEqual([]);
    if (world.slapd) expect(await directoryStanding(world.slapd, name)).toEqual({ groups: [], opened: false });
  },
};

const goingBack: Later = {
  begin: async (id) => {
    await cancelOffboarding(worker, { id, why: "false_alarm", reason: "it was somebody else of this name" }).catch(
      (error) => {
        // Whoever heard nothing says it again.
        if (!(error instanceof AppError) || error.code !== "conflict") throw error;
      },
    );
  },
  isOver: async (id) => {
    const [left] = await rows<{ count: number }>(
      "select count(*)::int from offboarding_steps where offboarding_id = $1::uuid and wanted = 'back' and state <> 'restored'",
      [id],
    );
    return (await stateOf(id)) === "cancelled" && left?.count === 0;
  },
  check: async (name) => {
    expect(await standingOf(world.target, name)).toEqual({ login: true, memberships: ["readers"], opened: true });
    if (world.slapd) expect(await directoryStanding(world.slapd, name)).toEqual({ groups: ["pilots"], opened: true });
  },
};

const killWorker = async () => {
  await live.end("SIGKILL");
  live = spare.go();
  spare = await world.nextWorker();
};
const killOurs = async () => {
  await world.ours.kill();
  await world.ours.again();
};
const killSystems = async () => {
  await Promise.all([world.target.kill(), world.slapd?.kill()]);
  await Promise.all([world.target.again(), world.slapd?.again()]);
  if (world.slapd) runSetUp(world.slapd, ["rules"]);
};
const before = ["before"] as const;

test.each([
  ["the deleting after the hold", "a worker", deleting, ["database", "target"] as const, before, killWorker],
  ["the deleting after the hold", "our database", deleting, ["database"] as const, moments, killOurs],
  ["the deleting after the hold", "the systems", deleting, ["target"] as const, moments, killSystems],
  ["the way back after a false alarm", "a worker", goingBack, ["database", "target"] as const, before, killWorker],
  ["the way back after a false alarm", "our database", goingBack, ["database"] as const, moments, killOurs],
  ["the way back after a false alarm", "the systems", goingBack, ["target"] as const, moments, killSystems],
])(
  "%s, with %s killed at any word, ends the same",
  async (_what, _who, later, places, at, kill) => {
    const undisturbed = await through(later, { nth: -1, moment: "before", places }, kill);
    let killed = 0;
    for (let nth = day % step; ; nth += step) {
      const moment = at[Math.floor(nth / step) % at.length] ?? "before";
      const { fell, receipt, words } = await through(later, { nth, moment, places }, kill);
      expect(receipt, `killed ${moment} word ${nth} of ${words.join(" | ")}`).toEqual(undisturbed.receipt);
      if (!fell) break;
      killed++;
    }
    console.info(`killed ${killed} times at a word of ${places.join(" or ")}: ${undisturbed.words.join(" | ")}`);
    expect(killed).toBeGreaterThan(0);
  },
  1_800_000,
);

type At = { nth: number; moment: Moment; places: readonly Place[] };

async function through(later: Later, at: At, kill: () => Promise<void>) {
  const name = people[next++] ?? "";
  // As many as leave here within a minute would be held by the brake.
  await rows("update offboardings set created_at = created_at - interval '2 hours'");
  const { id } = await startOffboarding(worker, { identity: `${name}@acme.test`, holdDays: 3 });
  await expect.poll(() => isHeld(id), { timeout: 240_000, interval: 50 }).toBe(true);
  world.gallows.arm(at, kill);
  const begun = () => later.begin(id).then(() => true, unlessAway);
  await expect.poll(begun, { timeout: 240_000, interval: 50 }).toBe(true);
  await expect
    .poll(() => isOver(later, id), { timeout: 240_000, interval: 50 })
    .toBe(true)
    .catch(tellHow(id));
  await world.gallows.rest();
  await later.check(name);
  return { fell: world.gallows.fell(), words: world.gallows.words(), receipt: await receiptOf(id, name) };
}

function unlessAway(error: unknown): false {
  if (isDatabaseAway(error)) return false;
  throw error;
}

// Everything is shut and proven, and nothing is left to do before the hold is over.
async function isHeld(id: string): Promise<boolean> {
  await unlockDeadWorkers(0);
  const [row] = await rows<{ open: number; busy: number }>(
    `select (select count(*)::int from offboarding_steps where offboarding_id = $1::uuid and kind <> 'deletion' and state <> 'verified') as open,
      (select count(*)::int from graphile_worker._private_jobs where locked_at is not null or run_at <= now() and attempts < max_attempts) as busy`,
    [id],
  );
  return row?.open === 0 && row.busy === 0;
}

// What the product does within seconds is done at once here: the dead lose their jobs, and what failed is tried again.
async function isOver(later: Later, id: string): Promise<boolean> {
  const died = live.died() ?? spare.process.died();
  if (died) throw new Error(died);
  try {
    if (world.gallows.fell()) {
      await unlockDeadWorkers(0);
      await rows(
        `update graphile_worker._private_jobs set run_at = now() where locked_at is null and run_at > now() and key like 'step %'
           and (key not in (select 'step ' || id from offboarding_steps where kind = 'deletion' and not_before > now()))`,
      );
    }
    return await later.isOver(id);
  } catch (error) {
    return unlessAway(error);
  }
}

async function stateOf(id: string): Promise<string | undefined> {
  return (await rows<{ state: string }>("select state from offboardings where id = $1::uuid", [id]))[0]?.state;
}

// How a run stands that did not end, before all is torn down.
function tellHow(id: string) {
  return async (error: unknown) => {
    const [stands] = await rows<{ stands: unknown }>(
      `select json_build_object('now', clock_timestamp(),
        'run', (select row_to_json(o) from offboardings o where id = $1::uuid),
        'steps', (select json_agg(s order by position) from offboarding_steps s where offboarding_id = $1::uuid),
        'jobs', (select json_agg(row_to_json(j)) from (select j.*, t.identifier from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
          where j.locked_at is not null or run_at < now() + interval '1 day') j),
        'queues', (select json_agg(q) from graphile_worker._private_job_queues q where locked_at is not null),
        'accesses', (select json_agg(m) from managed_accesses m join offboarding_steps s on s.account_id = m.account_id where s.offboarding_id = $1::uuid),
        'backends', (select json_agg(json_build_object('pid', pid, 'state', state, 'wait', wait_event, 'since', xact_start, 'query', left(query, 200),
            'blockers', pg_blocking_pids(pid))) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()),
        'locks', (select json_agg(json_build_object('classid', classid, 'objid', objid, 'pid', pid, 'granted', granted)) from pg_locks where locktype = 'advisory')) as stands`,
      [id],
    );
    throw new Error(`the run did not end: ${JSON.stringify(stands?.stands, null, 1)}`, { cause: error });
  };
}

/** What a run came to: its steps, and what it told. */
async function receiptOf(id: string, name: string) {
  const steps = await rows<{ kind: string; name: string; state: string; changed: boolean; wanted: string }>(
    "select kind, name, state, changed, wanted from offboarding_steps where offboarding_id = $1::uuid order by position",
    [id],
  );
  const told = await rows<{ action: string; count: number }>(
    `select action, count(*)::int from audit_events where target_id = $1 and action <> 'offboarding.step_failed' group by 1 order by 1`,
    [id],
  );
  return { told, steps: steps.map((one) => ({ ...one, name: one.name.replaceAll(name, "NAME") })) };
}
