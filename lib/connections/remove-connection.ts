import { maintainClosure } from "../access/maintain-closure";
import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { type Tx, transaction } from "../db/client";
import { AppError } from "../errors";
import { enqueue } from "../jobs/enqueue";
import { minuteMs, now } from "../time";
import { removeConnectionInput } from "./schema";

/**
 * Ends a connection: its secrets are forgotten, and everything read from it ends now in the inventory, where its past
 * stays. Changes nothing in the system itself.
 * @throws AppError `not_found`, `invalid` (the typed name differs), `forbidden`
 */
export async function removeConnection(
  actor: Actor,
  input: { id: string; confirmName: string },
): Promise<{ id: string }> {
  const { id, confirmName } = removeConnectionInput.parse(input);
  await authorize(actor, "connection:remove", { type: "connection", id });
  return transaction(
    async (tx) => {
      const connection = await tx.connection.findFirst({ where: { id, removedAt: null } });
      if (!connection) throw new AppError("not_found", "There is no such connection.");
      if (confirmName !== connection.name) {
        throw new AppError("invalid", `the typed name is not ${connection.name}`, {
          field: "confirmName",
          remedy: "Type the connection's name exactly.",
        });
      }
      await endEverything(tx, id, now());
      await tx.syncRun.updateMany({
        where: { connectionId: id, state: { in: ["queued", "reading", "reconciling", "paused"] } },
        data: { state: "discarded", finishedAt: now(), claim: null },
      });
      // The name becomes free for another connection; the removed one keeps it for the record, marked.
      const data = {
        removedAt: now(),
        secrets: null,
        nextSyncAt: null,
        isIdentitySource: false,
        name: `${connection.name} (removed ${id.slice(-6)})`,
      };
      await tx.connection.update({ where: { id }, data, select: { id: true } });
      await record(tx, actor, {
        action: "connection.removed",
        target: { type: "connection", id, name: connection.name },
        before: { ...connection, secrets: null },
      });
      await enqueue(tx, "refresh-facts", { connectionId: id }, { key: `refresh-facts:${id}` });
      return { id };
    },
    { timeoutMs: 10 * minuteMs },
  );
}

async function endEverything(tx: Tx, id: string, at: Date): Promise<void> {
  await tx.$executeRaw`set local statement_timeout = 0`;
  await tx.$executeRaw`update assignments set removed_at = ${at} where connection_id = ${id}::uuid and removed_at is null`;
  await tx.$executeRaw`update entitlements set removed_at = ${at} where connection_id = ${id}::uuid and removed_at is null`;
  await tx.$executeRaw`update memberships set removed_at = ${at} where connection_id = ${id}::uuid and removed_at is null`;
  await tx.$executeRaw`update credentials set removed_at = ${at} where connection_id = ${id}::uuid and removed_at is null`;
  await tx.$executeRaw`update resources set removed_at = ${at} where connection_id = ${id}::uuid and removed_at is null`;
  await tx.$executeRaw`update principals set removed_at = ${at} where connection_id = ${id}::uuid and removed_at is null`;
  await maintainClosure(tx, id, "all");
  await tx.$executeRaw`
    update identities i set removed_at = ${at}, status = 'gone' from principals p where p.connection_id = ${id}::uuid and p.identity_id = i.id and i.removed_at is null
      and not exists (select 1 from principals q where q.identity_id = i.id and q.removed_at is null)`;
}
