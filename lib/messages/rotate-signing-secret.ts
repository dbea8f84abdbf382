import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { openSecrets, sealSecrets } from "../auth/seal-secrets";
import { transaction } from "../db/client";
import { AppError } from "../errors";
import { dayMs, now, plus } from "../time";
import { lockChannel } from "./edit-channel";
import { channelSecrets } from "./schema";
import { newSigningSecret } from "./sign-webhook";

/** Both secrets sign for this long after one was replaced. */
export const overlapMs = dayMs;

/**
 * Gives a webhook a new signing secret, told in the answer, this once. For a day messages carry a signature by each, so
 * that the receiver has time to change over.
 * @throws AppError `not_found`, `conflict` (no webhook), `forbidden`
 */
export async function rotateSigningSecret(
  actor: Actor,
  input: { id: string },
): Promise<{ signingSecret: string; previousUntil: Date }> {
  await authorize(actor, "message:configure", { type: "channel", id: input.id });
  return transaction(async (tx) => {
    const { id, kind, name, secrets } = await lockChannel(tx, input.id);
    if (kind !== "webhook") throw new AppError("conflict", "Only the messages of a webhook are signed.");
    const kept = channelSecrets.parse(openSecrets(secrets, id));
    const signingSecret = newSigningSecret();
    const previousUntil = plus(now(), overlapMs);
    const next = { ...kept, signing: signingSecret, previous: kept.signing, previousUntil };
    await tx.channel.update({ where: { id }, data: { secrets: Uint8Array.from(sealSecrets(next, id)) } });
    await record(tx, actor, {
      action: "channel.secret_rotated",
      target: { type: "channel", id, name },
      details: { previousUntil: previousUntil.toISOString() },
    });
    return { signingSecret, previousUntil };
  });
}
