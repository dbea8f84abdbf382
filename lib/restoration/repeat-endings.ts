import { record } from "../audit/record";
import { endingKinds } from "../audit/schema";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { pool, rows, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { AppError } from "../errors";
import { log } from "../log";
import type { Forgotten, Repeated } from "./forgotten";
import { repeatEnding } from "./repeat-ending";

// Any constant that nothing else in this database locks with.
const repeatLock = 7_269_114_015;
// What a database can take side by side without making pages wait.
const sideBySide = 4;

/**
 * Carries out again whatever waits for it, those first that let people in here, and then says of each restoration what
 * became of it. One worker does at a time. What failed for a reason that may pass stays waiting, and is tried at the next
 * call; what a command refuses is said, and is somebody's to do.
 * @returns how many still wait; null where another worker is at it
 */
export async function repeatEndings(actor: Actor, signal?: AbortSignal): Promise<number | null> {
  await authorize(actor, "record:restore", { type: "record" });
  if (!(await anyOpen())) return 0;
  const client = await pool().connect();
  try {
    const { rows: got } = await client.query<{ mine: boolean }>("select pg_try_advisory_lock($1) as mine", [
      repeatLock,
    ]);
    if (!got[0]?.mine) return null;
    try {
      return await repeatAll(actor, signal);
    } finally {
      await client.query("select pg_advisory_unlock($1)", [repeatLock]);
    }
  } finally {
    client.release();
  }
}

async function anyOpen(): Promise<boolean> {
  const [found] = await rows<{ open: boolean }>(
    "select exists (select from restorations where settled_at is null) as open",
  );
  return found?.open ?? false;
}

async function repeatAll(actor: Actor, signal?: AbortSignal): Promise<number> {
  await passOver();
  const waiting = await rows<Forgotten>(
    `select event_id as "eventId", kind, thing_id as "thingId", facts, action, number::int, at from restored_endings
     where state = 'waiting' order by array_position($1::text[], kind), place`,
    [endingKinds],
  );
  const turns = waiting.values();
  const hands = Array.from({ length: sideBySide }, async () => {
    for (const ending of turns) {
      if (signal?.aborted) return;
      await repeat(actor, ending);
    }
  });
  await Promise.all(hands);
  await settle(actor);
  const [left] = await rows<{ count: number }>(
    "select count(*)::int as count from restored_endings where state = 'waiting'",
  );
  return left?.count ?? 0;
}

// Of what happened to one thing the last counts: who was let in again meanwhile is not shut out. What only a person can do
// is said of each event.
async function passOver(): Promise<void> {
  await rows(
    `update restored_endings e set state = 'overtaken', done_at = clock_timestamp(),
       detail = case when l.facts ->> 'over' = 'false' and l.event_id <> e.event_id then 'It was given back later, at event ' || l.number || '.'
         when l.event_id = e.event_id then 'It gives back what was taken before: Rollcall takes again, and gives nothing by itself.'
         else 'Event ' || l.number || ' says the same, or more.' end
     from (select distinct on (kind, thing_id) kind, thing_id, event_id, number, facts from restored_endings
       where state = 'waiting' and kind <> 'by_hand' order by kind, thing_id, place desc) l
     where e.kind = l.kind and e.thing_id = l.thing_id and e.state = 'waiting'
       and (e.event_id <> l.event_id or l.facts ->> 'over' = 'false')`,
  );
}

async function repeat(actor: Actor, ending: Forgotten): Promise<void> {
  try {
    await note(ending, await repeatEnding(actor, ending));
  } catch (error) {
    if (!(error instanceof AppError) || error.code === "unavailable") {
      log().error({ err: error, kind: ending.kind, id: ending.thingId }, "what was taken back waits to be taken again");
      return;
    }
    const detail = `${error.message}${error.remedy ? ` ${error.remedy}` : ""}`;
    await note(ending, { state: "failed", detail });
    const { kind, thingId, number, at } = ending;
    await transaction((tx) =>
      record(tx, actor, {
        action: "record.ending_not_repeated",
        target: { type: kind, id: thingId },
        outcome: "failed",
        details: { message: error.message, number, at },
      }),
    );
  }
}

async function note({ eventId }: Forgotten, { state, detail }: Repeated): Promise<void> {
  await rows(
    `update restored_endings set state = $2, detail = $3, done_at = clock_timestamp() where event_id = $1 and state = 'waiting'`,
    [eventId, state, detail.slice(0, 1_000)],
  );
}

async function settle(actor: Actor): Promise<void> {
  await transaction(async (tx) => {
    const at = await clockOf(tx);
    const done = await tx.$queryRaw<{ id: string; counts: Record<string, number> }[]>`
      update restorations r set settled_at = ${at}::timestamptz where settled_at is null
        and not exists (select from restored_endings e where e.restoration_id = r.id and e.state = 'waiting')
      returning id, (select coalesce(jsonb_object_agg(c.state, c.count), '{}') from (
        select state, count(*) from restored_endings e where e.restoration_id = r.id group by state) c) as counts`;
    for (const { id, counts } of done)
      await record(tx, actor, {
        action: "record.restoration_settled",
        target: { type: "restoration", id },
        outcome: counts.failed ? "failed" : "allowed",
        details: counts,
      });
  });
}
