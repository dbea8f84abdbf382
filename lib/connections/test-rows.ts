import { db } from "../db/client";
import { now } from "../time";

// For tests: rows of connections that no quick command makes.

/** A sync of a connection that the brake has paused. */
export async function pausedRunRow(connectionId: string): Promise<string> {
  const checkpoint = { ended: [], coverage: {}, visibility: [] };
  return (await db().syncRun.create({ data: { connectionId, state: "paused", requestedBy: "test", checkpoint } })).id;
}

/** An account of a connection, which belongs to nobody yet. */
export async function accountRow(connectionId: string): Promise<string> {
  const facts = { type: "account", externalId: "somebody", name: "somebody", contentHash: "", firstSeenAt: now() };
  return (await db().principal.create({ data: { connectionId, ...facts } })).id;
}
