import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { isDatabaseAway, rows, type Tx, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { log } from "../log";
import { nowMs, secondMs } from "../time";
import { type ToldEvent, tellOf } from "./tell-of-event";
import { warnOfEnds } from "./warn-of-ends";

const told = "messages.told";
const batch = 200;
const longestMs = 10 * secondMs;
// While so much access waits to be ended or changed, telling of what is done already takes little of the machine.
const manyWaiting = 50;
const slowBatch = 20;

/**
 * Follows the record and tells people what concerns them: who has to decide, whose request was decided, whose access is
 * ready or over, who owns what could not be taken back. Each event once, also with several workers: the place it has got
 * to moves in the transaction that orders the messages. And warns of access that ends soon.
 * @returns how many events it looked at
 */
export async function tellPeople(actor: Actor): Promise<number> {
  await authorize(actor, "grant:provision");
  const most = (await accessWaits()) ? slowBatch : batch;
  const looked = await transaction((tx) => follow(tx, { most, tell: tellOf })).catch(stepOver);
  await transaction((tx) => warnOfEnds(tx));
  return looked;
}

async function accessWaits(): Promise<boolean> {
  const [waiting] = await rows<{ many: boolean }>(
    `select count(*) >= ${manyWaiting} as many from (
       select from graphile_worker.jobs where locked_at is null and run_at <= now() and attempts < max_attempts
         and task_identifier in ('end-grant', 'converge-access', 'converge-credential', 'carry-out-step') limit ${manyWaiting}) waiting`,
  );
  return waiting?.many ?? false;
}

// One event that cannot be told of must not keep all later ones from being told.
async function stepOver(error: unknown): Promise<number> {
  if (isDatabaseAway(error)) throw error;
  return transaction((tx) => follow(tx, { most: 1, tell: tellOf })).catch((again) => {
    log().error({ err: again }, "an event of the record could not be told of, and is left out");
    return transaction((tx) => follow(tx, { most: 1, tell: async () => undefined }));
  });
}

type Following = { most: number; tell: (tx: Tx, event: ToldEvent) => Promise<void> };

async function follow(tx: Tx, { most, tell }: Following): Promise<number> {
  const from = await placeReached(tx);
  if (from === null) return 0;
  const events = await tx.$queryRaw<ToldEvent[]>`
    select e.id, s.position, e.at, e.action, e.target_id as "targetId", e.details, e.actor_name as "actorName"
    from audit_sequence s join audit_events e on e.id = s.event_id
    where s.position > ${from} order by s.position limit ${most}`;
  const beganAt = nowMs();
  let looked = 0;
  let last: ToldEvent | undefined;
  for (const event of events) {
    await tell(tx, event);
    looked += 1;
    last = event;
    // What was told is kept well before the transaction runs out of time.
    if (nowMs() - beganAt > longestMs) break;
  }
  if (!last) return 0;
  await tx.setting.update({
    where: { key: told },
    data: { value: Number(last.position), updatedAt: await clockOf(tx) },
  });
  return looked;
}

// The first look begins at what is newest, so that an old record tells nobody anything. Null: another worker is at it.
async function placeReached(tx: Tx): Promise<bigint | null> {
  await tx.$executeRaw`insert into settings (key, value)
    select ${told}, to_jsonb(coalesce((select max(position) from audit_sequence), 0)) on conflict do nothing`;
  const [row] = await tx.$queryRaw<{ at: bigint }[]>`
    select (value #>> '{}')::bigint as at from settings where key = ${told} for update skip locked`;
  return row?.at ?? null;
}
