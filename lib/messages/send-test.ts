import type { z } from "zod";
import { record } from "../audit/record";
import { type Actor, actorId } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { transaction } from "../db/client";
import { AppError } from "../errors";
import { now } from "../time";
import { lockChannel } from "./edit-channel";
import type { sendTestInput } from "./schema";
import { assertMailPossible } from "./send-mail";
import { addToChannel, sendMessage } from "./send-message";
import { testMessage } from "./templates/test";

/**
 * Sends a test to a channel, or by e-mail to whoever asks. It is a delivery like any other: its answer is seen there.
 * @throws AppError `not_found`, `conflict` (turned off, no mail server, no address), `forbidden`
 */
export async function sendTest(actor: Actor, input: z.output<typeof sendTestInput>): Promise<{ deliveries: string[] }> {
  await authorize(actor, "message:configure", { type: "channel", id: input.channelId });
  return transaction(async (tx) => {
    const at = now();
    if (input.channelId === null) {
      assertMailPossible();
      if (actor.type !== "person" || !actor.email) {
        throw new AppError("conflict", "You have no e-mail address here.", {
          remedy: "Sign in by the single sign-on, which tells it; or make a channel with the address.",
        });
      }
      const message = testMessage({ by: actor.name, at, channel: null });
      const { deliveries } = await sendMessage(tx, { message, to: [{ userId: actorId(actor) }] });
      return { deliveries };
    }
    const channel = await lockChannel(tx, input.channelId);
    if (channel.kind === "email") assertMailPossible();
    if (!channel.enabled) {
      throw new AppError("conflict", `The channel ${channel.name} is turned off.`, { remedy: "Turn it on first." });
    }
    const message = testMessage({ by: actor.name, at, channel: channel.name });
    const deliveries = await addToChannel(tx, { message }, channel);
    await record(tx, actor, {
      action: "channel.tested",
      target: { type: "channel", id: channel.id, name: channel.name },
    });
    return { deliveries };
  });
}
