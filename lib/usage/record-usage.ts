import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { type Tx, transaction } from "../db/client";
import { AppError } from "../errors";
import { now } from "../time";
import { saveUsage } from "./save-usage";
import type { RecordedUsage, RecordUsageInput } from "./schema";

/**
 * Takes a batch of usage events of one connection. Sending a batch twice changes nothing.
 * @throws AppError `forbidden`, `not_found` (no such connection)
 */
export async function recordUsage(actor: Actor, input: RecordUsageInput): Promise<RecordedUsage> {
  await authorize(actor, "usage:write", { type: "connection", name: input.connection });
  return transaction(async (tx) => {
    const connection = await findConnection(tx, input.connection);
    const result = await saveUsage(tx, connection.id, input.events, now());
    if (result.recorded > 0 || result.skipped > 0) {
      await record(tx, actor, {
        action: "usage.recorded",
        target: { type: "connection", id: connection.id, name: connection.name },
        details: { recorded: result.recorded, repeated: result.repeated, skipped: result.skipped },
      });
    }
    return result;
  });
}

async function findConnection(tx: Tx, wanted: string): Promise<{ id: string; name: string }> {
  const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(wanted);
  const found = await tx.connection.findFirst({
    where: { removedAt: null, OR: [{ name: wanted }, ...(isId ? [{ id: wanted }] : [])] },
    select: { id: true, name: true },
  });
  if (found) return found;
  throw new AppError("not_found", `There is no connection ${wanted}.`, {
    field: "connection",
    remedy: "Give the name or the id of a connection; GET /api/v1/connections lists them.",
  });
}
