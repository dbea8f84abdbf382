import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { rows, transaction } from "../db/client";
import { minuteMs } from "../time";
import { recountInventory } from "./counters";
import { refreshFacts } from "./refresh-facts";

const batch = 2_000;

/**
 * The job behind `refresh-facts`: brings the kept facts of every identity with an account in a connection up to date,
 * a few thousand at a time, and then the counters. With no connection: the counters alone.
 */
export async function refreshInventory(actor: Actor, { connectionId }: { connectionId: string | null }): Promise<void> {
  await authorize(actor, "identity:edit");
  if (connectionId) await refreshAll(connectionId);
  await transaction(
    async (tx) => {
      await tx.$executeRaw`set local statement_timeout = 0`;
      await recountInventory(tx);
    },
    { timeoutMs: 10 * minuteMs },
  );
}

async function refreshAll(connectionId: string): Promise<void> {
  let after = "00000000-0000-0000-0000-000000000000";
  for (;;) {
    const found = await rows<{ id: string }>(
      `select distinct identity_id id from principals where connection_id = $1 and identity_id > $2 order by 1 limit ${batch}`,
      [connectionId, after],
    );
    const last = found.at(-1);
    if (!last) return;
    await transaction((tx) => refreshFacts(tx, { identityIds: found.map((row) => row.id) }), {
      timeoutMs: 5 * minuteMs,
    });
    after = last.id;
  }
}
