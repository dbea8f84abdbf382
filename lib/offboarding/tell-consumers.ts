import type { Tx } from "../db/client";
import type { LockedRun } from "./move-run";
import type { Consumer } from "./schema";
import { tellOfRun } from "./tell-of-run";

/**
 * Tells whoever answers for what calls with a machine that it is retired, as far as a place is known here by its name. A
 * place that is only an address tells of nobody; the machine's own owners are told of each.
 */
export async function tellConsumers(
  tx: Tx,
  run: Pick<LockedRun, "id" | "identityId">,
  consumers: readonly Consumer[],
): Promise<void> {
  for (const { known, from, account, connection, lastAt } of consumers) {
    if (!known?.answers) continue;
    await tellOfRun(tx, run, "consumer", {
      whom: [known.answers.id],
      occasion: `${known.answers.id} ${from} ${account} ${lastAt}`,
      detail: `${from} called as ${account} in ${connection}, last at ${lastAt.slice(0, 16).replace("T", " ")} UTC.`,
    });
  }
}
