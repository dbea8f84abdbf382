import type { Tx } from "../db/client";
import { sendMessage } from "../messages/send-message";
import { type LeavingNews, leavingTold } from "../messages/templates/offboarding";
import { peopleById, securityPeople } from "../requests/facts-to-tell";
import { openItemsSql } from "./open-items";
import { movedShape } from "./schema";

type Run = { id: string; identityId: string };

const loud: readonly LeavingNews[] = ["paused", "trouble", "late", "came_back", "hired_again", "caller"];

/**
 * Tells whom a run concerns, each once for each occasion: whoever ordered it, the manager of who leaves, the owners of a
 * machine; and security where something is wrong.
 * @param occasion tells apart what may happen several times; `key` stands for all of it
 * @param whom only these identities; without it all whom it concerns
 */
export async function tellOfRun(
  tx: Tx,
  { id, identityId }: Run,
  news: LeavingNews,
  { occasion = "", detail = null, whom, key = `offboarding ${id} ${news} ${occasion}` }: Telling = {},
): Promise<void> {
  const row = await tx.offboarding.findUniqueOrThrow({ where: { id } });
  const leaver = await tx.identity.findUniqueOrThrow({ where: { id: identityId } });
  const [open] = await tx.$queryRawUnsafe<{ open: number }[]>(openItemsSql, id);
  const facts = {
    id,
    number: Number(row.number),
    name: leaver.name,
    isMachine: row.kind === "machine",
    reason: row.reason,
    orderedBy: row.orderedBy,
    shutAt: row.shutAt,
    containedAt: row.containedAt,
    open: open?.open ?? 0,
  };
  const from = row.moved === null ? null : movedShape.parse(row.moved).fromManagerId;
  const concerned = [from, row.orderedByIdentityId, leaver.managerId, leaver.ownerId, leaver.backupOwnerId];
  const ids = [...new Set(whom ?? concerned)].flatMap((it) => (it === null || it === identityId ? [] : [it]));
  const people = ids.length > 0 ? await peopleById(tx, ids) : [];
  const to = [...people, ...(loud.includes(news) ? await securityPeople(tx) : [])];
  await sendMessage(tx, {
    message: leavingTold(facts, news, detail),
    to,
    key,
  });
}

type Telling = { occasion?: string; detail?: string | null; whom?: (string | null)[]; key?: string };

/** Tells that a run is held, and why. What the brake holds at once, `at`, is told once an hour: its runs stand together. */
export async function tellHeld(tx: Tx, run: Run, { words, at }: { words: string; at: Date | null }): Promise<void> {
  const hour = at?.toISOString().slice(0, 13);
  await tellOfRun(tx, run, "paused", { detail: words, ...(hour ? { key: `offboardings held ${hour}` } : {}) });
}
