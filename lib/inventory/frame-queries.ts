import { getRecordState } from "../audit/queries";
import type { Actor } from "../auth/actor";
import { may } from "../auth/authorize";
import { rows } from "../db/client";

/** What stands at the foot of every page; a part is null where the reader's role may not see it. */
export type FrameFacts = {
  systems: { current: number; total: number } | null;
  record: { size: number; waiting: number; lastAt: Date | null } | null;
};

/** How fresh the systems are and how far the record is: reads of a few rows, whatever the size of the company. */
export async function getFrameFacts(actor: Actor): Promise<FrameFacts> {
  const [systems, record] = await Promise.all([
    may(actor, "connection:read") ? countSystems() : null,
    may(actor, "activity:read") ? getRecordState(actor) : null,
  ]);
  return { systems, record };
}

async function countSystems() {
  const [counted] = await rows<{ current: string; total: string }>(
    "select count(*) filter (where status = 'current') as current, count(*) as total from connections where removed_at is null",
  );
  return { current: Number(counted?.current ?? 0), total: Number(counted?.total ?? 0) };
}
