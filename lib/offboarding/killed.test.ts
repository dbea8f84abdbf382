import { afterAll, beforeAll, expect, test } from "vitest";
import { isDatabaseAway, rows } from "../db/client";
import type { Moment, Place } from "../db/test-gallows";
import { AppError } from "../errors";
import { unlockDeadWorkers } from "../jobs/live-workers";
import type { WorkerProcess } from "../requests/test-worker-process";
import { worker } from "../requests/test-world";
import { dayMs, nowMs } from "../time";
import { startOffboarding } from "./start-offboarding";
import { type MortalWorld, startMortalWorld, type Waiting } from "./test-mortal-world";
import { makeOrderProgram, type OrderProcess } from "./test-order-process";
import { directoryStanding, runSetUp, standingOf } from "./test-worlds";

// SIGKILL at every word of a run: every commit of it here, and whatever is changed or asked at a system. Each time somebody
// leaves who has the same, and the run must end as the one that nobody disturbed.

// At every word; with SWEEP=6 at every sixth, each day at others.
const day = Math.floor(nowMs() / dayMs);
const step = Number(process.env.SWEEP ?? 1);
const firstWord = day % step;
// A server is killed in turn before it heard a word, and after it did it and nobody heard of that: each word one day so and
// one day so.
const moments = day % 2 === 0 ? (["after", "before"] as const) : (["before", "after"] as const);
const people = Array.from({ length: 250 }, (_, n) => `p${n}`);
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

test("a worker that is killed at any word: the next one ends its run, and the receipt is the same", async () => {
  await sweep(["database", "target"], ["before"], async () => {
    await live.end("SIGKILL");
    // Already started, as on another machine.
    live = spare.go();
    spare = await world.nextWorker();
  });
}, 1_800_000);

test("our database, killed at any commit: the run goes on and the receipt is the same", async () => {
  await sweep(["database"], moments, async () => {
    await world.ours.kill();
    await world.ours.again();
  });
}, 1_800_000);

test("the systems, killed at any word that they are told: the run goes on and the receipt is the same", async () => {
  await sweep(["target"], moments, async () => {
    await Promise.all([world.target.kill(), world.slapd?.kill()]);
    await Promise.all([world.target.again(), world.slapd?.again()]);
    // This server has its rules from its configuration's file, as it was before the set-up.
    if (world.slapd) runSetUp(world.slapd, ["rules"]);
  });
}, 1_800_000);

test("who takes the order, killed at anything that it writes: there is a run or there is none", async () => {
  const order = await makeOrderProgram();
  const way = await world.gallows.way({ port: world.ours.port, place: "order" });
  const url = world.ours.url.replace(`:${world.ours.port}/`, `:${way.port}/`);
  const undisturbed = (await leaveAndBeKilled({ nth: -1, moment: "before", places: [] }, async () => undefined))
    .receipt;
  const killedAt = async (nth: number, moment: Moment) => {
    const name = people[next++] ?? "";
    const identity = `${name}@acme.test`;
    await letLeave();
    let process: OrderProcess | null = null;
    world.gallows.arm({ nth, moment, places: ["order"] }, async () => process?.kill());
    process = order(identity, url);
    await process.ended;
    const { words, fell } = { words: world.gallows.words(), fell: world.gallows.fell() };
    // Whoever ordered it hears nothing, and orders it again.
    const again = await startOffboarding(worker, { identity, holdDays: null }).catch((error) => error);
    const runs = await rows<{ id: string; afterEnd: boolean }>(
      `select o.id, coalesce(o.created_at >= lag(o.closed_at) over (order by o.created_at), false) as "afterEnd"
       from offboardings o join identities i on i.id = o.identity_id where i.email = $1 order by o.created_at`,
      [identity],
    );
    // Never two at a time; a run that was over before it was ordered again is no reason against another.
    const [first, ...later] = runs;
    expect(later, `killed ${moment} ${nth} of ${words}`).toHaveLength(later.filter((run) => run.afterEnd).length);
    expect((await ended(first?.id ?? "", name)).receipt).toEqual(undisturbed);
    return { fell, words, wasOrdered: again instanceof AppError || later.length > 0 };
  };
  let nth = firstWord;
  for (let at = await killedAt(nth, "before"); at.fell; at = await killedAt(nth, "before")) {
    expect(at.wasOrdered).toBe(false);
    nth += step;
  }
  // The last word is the commit: done, and nobody heard of it.
  const { length } = (await killedAt(nth, "before")).words;
  expect(length).toBeGreaterThan(5);
  expect(await killedAt(length - 1, "after")).toMatchObject({ fell: true, wasOrdered: true });
  await way.stop();
}, 1_800_000);

/** Kills at the first word, at the second, and so on, until a run has fewer. */
async function sweep(places: readonly Place[], at: readonly Moment[], kill: () => Promise<void>): Promise<void> {
  let killed = 0;
  const undisturbed = (await leaveAndBeKilled({ nth: -1, moment: "before", places: [] }, kill)).receipt;
  for (let nth = firstWord; ; nth += step) {
    const moment = at[Math.floor(nth / step) % at.length] ?? "before";
    const { fell, receipt, words } = await leaveAndBeKilled({ nth, moment, places }, kill);
    expect(receipt, `killed ${moment} word ${nth} of ${words.join(" | ")}`).toEqual(undisturbed);
    if (!fell) break;
    killed++;
  }
  console.info(`killed ${killed} times at a word of ${places.join(" or ")}, from word ${firstWord} on`);
  // What is sent together is one word: a run has few at its systems.
  expect(killed * step).toBeGreaterThan(5);
}

type At = { nth: number; moment: Moment; places: readonly Place[] };

async function leaveAndBeKilled(at: At, kill: () => Promise<void>) {
  const name = people[next++] ?? "";
  await letLeave();
  await expect.poll(() => isIdle(), { timeout: 240_000, interval: 50 }).toBe(true);
  world.gallows.arm(at, kill);
  return ended(await order(`${name}@acme.test`), name);
}

// What the run before still looks at is no word of the next one.
async function isIdle(): Promise<boolean> {
  await unlockDeadWorkers(0);
  const [row] = await rows<{ busy: number }>(
    "select count(*)::int as busy from graphile_worker._private_jobs where locked_at is not null or run_at <= now() and attempts < max_attempts",
  );
  return row?.busy === 0;
}

// Our database may be killed as soon as the worker says its first word, before whoever ordered heard that it is so.
async function order(identity: string): Promise<string> {
  let id: string | undefined;
  const ordered = async () => {
    try {
      const known = "select o.id from offboardings o join identities i on i.id = o.identity_id where i.email = $1";
      id = (await rows<{ id: string }>(known, [identity]))[0]?.id;
      id ??= (await startOffboarding(worker, { identity, holdDays: null })).id;
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
    }
    return id !== undefined;
  };
  await expect.poll(ordered, { timeout: 240_000, interval: 50 }).toBe(true);
  return id ?? "";
}

// As many as leave here within a minute would be held by the brake.
async function letLeave(): Promise<void> {
  await rows("update offboardings set created_at = created_at - interval '2 hours'");
}

async function ended(id: string, name: string) {
  await expect.poll(() => isClosed(id), { timeout: 240_000, interval: 50 }).toBe(true);
  await world.gallows.rest();
  expect(await standingOf(world.target, name)).toEqual({ login: false, memberships: [], opened: false });
  if (world.slapd) expect(await directoryStanding(world.slapd, name)).toEqual({ groups: [], opened: false });
  return { fell: world.gallows.fell(), receipt: await receiptOf(id, name), words: world.gallows.words() };
}

// What the product does within seconds is done at once here: the dead lose their jobs, and what failed is tried again.
async function isClosed(id: string): Promise<boolean> {
  try {
    if (world.gallows.fell()) {
      await unlockDeadWorkers(0);
      await rows(
        "update graphile_worker._private_jobs set run_at = now() where locked_at is null and run_at > now() and key like 'step %'",
      );
    }
    const [run] = await rows<{ state: string }>("select state from offboardings where id = $1::uuid", [id]);
    return run?.state === "closed";
  } catch (error) {
    if (!isDatabaseAway(error)) throw error;
    return false;
  }
}

/** What a run came to: its steps, what it told, and what the systems said last. */
async function receiptOf(id: string, name: string) {
  const plain = (text: string) => text.replaceAll(name, "NAME");
  const steps = await rows<{
    kind: string;
    name: string;
    state: string;
    changed: boolean;
    outlives: unknown;
    last: string;
  }>(
    `select kind, name, state, changed, outlives, case when kind = 'account' then split_part(detail, E'\\nAsked once more: ', 2) else '' end as last
     from offboarding_steps where offboarding_id = $1::uuid and verified_at is not null and acknowledged_at is not null
     order by position`,
    [id],
  );
  const told = await rows<{ action: string; count: number }>(
    `select action, count(*)::int from audit_events where action not in ('offboarding.step_failed', 'grant.ending_failed') and (target_id = $1
       or target_id in (select grant_id::text from offboarding_steps where offboarding_id = $1::uuid)) group by 1 order by 1`,
    [id],
  );
  const [run] = await rows<object>(
    `select state, contained_at is not null as contained, completed_at is not null as completed, closed_at is not null as closed
     from offboardings where id = $1::uuid`,
    [id],
  );
  const grants = await rows<{ step: string }>(
    `select step from grant_steps where grant_id in (select grant_id from offboarding_steps where offboarding_id = $1::uuid)
       and step <> 'failed' order by id`,
    [id],
  );
  return {
    run,
    told,
    grants,
    steps: steps.map((step) => ({ ...step, name: plain(step.name), last: plain(step.last) })),
  };
}
