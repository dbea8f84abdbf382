import { db, readIn, type Tx, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { eachAlone } from "../grants/each-alone";
import { findConsumers } from "./find-consumers";
import { refreshItems } from "./refresh-items";
import { tellConsumers } from "./tell-consumers";
import { tellOfRun } from "./tell-of-run";

/** Names each place that still calls a machine that is shut: once to its owners, and to who answers for the place. */
export async function nameCallers(): Promise<void> {
  const shut = await db().offboarding.findMany({
    where: {
      kind: "machine",
      containedAt: { not: null },
      state: { in: ["executing", "verifying", "waiting_for_people"] },
    },
    take: 500,
    select: { id: true, identityId: true },
  });
  await eachAlone(shut, (run) => transaction((tx) => nameCallersOf(tx, run)));
}

async function nameCallersOf(tx: Tx, run: { id: string; identityId: string }): Promise<void> {
  const at = await clockOf(tx);
  await refreshItems(tx, run, at);
  const where = { offboardingId: run.id, kind: "caller", toldAt: null };
  const callers = await tx.offboardingItem.findMany({ where, orderBy: { id: "asc" } });
  if (callers.length === 0) return;
  await tx.offboardingItem.updateMany({ where, data: { toldAt: at } });
  for (const caller of callers)
    await tellOfRun(tx, run, "caller", { occasion: caller.subjectId, detail: `${caller.name}: ${caller.detail}` });
  const places = new Set(callers.map(({ subjectId }) => subjectId));
  const consumers = await findConsumers(readIn(tx), run.identityId);
  await tellConsumers(
    tx,
    run,
    consumers.filter(({ from }) => places.has(from ?? "")),
  );
}
