import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { rows, type Tx, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { eachAlone } from "../grants/each-alone";
import { plus } from "../time";
import { itemKindLabels } from "./labels";
import { remindAfterMs } from "./limits";
import { type LockedRun, lockRun } from "./move-run";
import { isOpenSql } from "./open-items";
import type { ItemKind } from "./schema";
import { tellOfRun } from "./tell-of-run";

const mostNamed = 10;

/**
 * Tells each who was handed something of this run and was not told of it yet, in one message, what it is and by whom.
 * @param except whoever handed it to themself
 */
export async function tellSuccessors(tx: Tx, run: LockedRun, except: string | null): Promise<void> {
  const items = await tx.offboardingItem.findMany({
    where: { offboardingId: run.id, disposition: "hand_over", toId: { not: null }, toldAt: null },
    orderBy: { id: "asc" },
  });
  if (items.length === 0) return;
  const at = await clockOf(tx);
  await tx.offboardingItem.updateMany({ where: { id: { in: items.map(({ id }) => id) } }, data: { toldAt: at } });
  for (const toId of new Set(items.map((item) => item.toId))) {
    const theirs = items.filter((item) => item.toId === toId);
    const [first] = theirs;
    if (!first || toId === null || toId === except) continue;
    const words = (item: (typeof items)[number]) =>
      `${itemKindLabels[item.kind as ItemKind].toLowerCase()} ${item.name}`;
    const named = theirs.slice(0, mostNamed).map(words).join("; ");
    const more = theirs.length > mostNamed ? `; and ${theirs.length - mostNamed} more` : "";
    await tellOfRun(tx, run, "handed", {
      whom: [toId],
      occasion: `${toId} ${first.id} ${at.toISOString()}`,
      detail: `By ${first.decidedBy}: ${named}${more}.`,
    });
  }
}

/**
 * Of what is left behind: tells whom a command that died could not tell any more, and reminds once whoever may decide of what
 * nobody has decided on for days.
 */
export async function tellOfItems(actor: Actor, at: Date): Promise<void> {
  const untold = await rows<{ id: string }>(untoldSql);
  await eachAlone(untold, ({ id }) =>
    transaction(async (tx) => {
      const run = await lockRun(tx, id);
      if (run) await tellSuccessors(tx, run, null);
    }),
  );
  const waiting = await rows<{ id: string }>(waitingSql, [plus(at, -remindAfterMs)]);
  await eachAlone(waiting, ({ id }) => transaction((tx) => remind(tx, actor, id)));
}

const untoldSql = `select distinct offboarding_id as id from offboarding_items
  where disposition = 'hand_over' and to_id is not null and told_at is null limit 500`;

const waitingSql = `select distinct o.id from offboardings o join offboarding_items i on i.offboarding_id = o.id
  where o.state in ('executing', 'verifying', 'waiting_for_people') and i.found_at < $1::timestamptz
    and i.reminded_at is null and ${isOpenSql} limit 500`;

async function remind(tx: Tx, actor: Actor, id: string): Promise<void> {
  const run = await lockRun(tx, id);
  if (!run) return;
  const reminded = await tx.$queryRawUnsafe<{ id: string }[]>(
    `update offboarding_items i set reminded_at = $2::timestamptz where i.offboarding_id = $1::uuid
       and i.found_at < $3::timestamptz and i.reminded_at is null and ${isOpenSql} returning i.id`,
    id,
    run.at,
    plus(run.at, -remindAfterMs),
  );
  if (reminded.length === 0) return;
  const details = { items: reminded.length };
  await record(tx, actor, { action: "offboarding.reminded", target: run.target, details });
  await tellOfRun(tx, run, "reminder", { occasion: run.at.toISOString() });
}
