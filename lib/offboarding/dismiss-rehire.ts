import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { transaction } from "../db/client";
import { AppError } from "../errors";
import { assertMayDecide } from "./cancel-offboarding";
import { lockRun } from "./move-run";
import { type DismissRehireInput, dismissRehireInput } from "./schema";

/**
 * Says that whoever left was not hired again, whatever the source shows: they stay out, and the same is not asked again.
 * @throws AppError `forbidden`, `not_found`, `conflict` (nothing is proposed)
 */
export async function dismissRehire(actor: Actor, input: DismissRehireInput): Promise<{ id: string }> {
  const { id, reason } = dismissRehireInput.parse(input);
  await assertMayDecide(actor, "offboarding:cancel", id);
  return transaction(async (tx) => {
    const run = await lockRun(tx, id);
    const open = await tx.rehireProposal.findFirst({ where: { offboardingId: id, state: "open" } });
    if (!run || !open) {
      throw new AppError("conflict", "Nothing proposes any more that they were hired again.", {
        remedy: "Reload the page to see what became of it.",
      });
    }
    const data = { state: "dismissed", decidedAt: run.at, decidedBy: actor.name, words: reason };
    await tx.rehireProposal.update({ where: { id: open.id }, data, select: { id: true } });
    const { connectionId, account, since } = open;
    const details = { identityId: run.identityId, connectionId, account, since, reason };
    await record(tx, actor, { action: "offboarding.rehire_dismissed", target: run.target, details });
    return { id };
  });
}
