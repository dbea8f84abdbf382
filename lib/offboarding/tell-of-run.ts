import type { Tx } from "../db/client";
import { sendMessage } from "../messages/send-message";
import { type LeavingNews, leavingTold } from "../messages/templates/offboarding";
import { peopleById, securityPeople } from "../requests/facts-to-tell";
import { openItemsSql } from "./open-items";
import { movedShape } from "./schema";

type Run = { id: string; identityId: string };

const loud: readonly LeavingNews[] = ["paused", "trouble", "came_back", "caller"];

/**
 * Tells whom a run concerns, each once for each occasion: whoever ordered it, the manager of who leaves, the owners of a
 * machine; and security where something is wrong.
 * @param occasion tells apart what may happen several times
 * @param whom only these identities; without it all whom it concerns
 */
export async function tellOfRun(
  tx: Tx,
  { id, identityId }: Run,
  news: LeavingNews,
  { occasion = "", detail = null, whom }: { occasion?: string; detail?: string | null; whom?: (string | null)[] } = {},
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
    key: `offboarding ${id} ${news} ${occasion}`,
  });
}
