import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { createPlace } from "./create-place";
import { readPlace } from "./read-place";
import { type CreateChannelInput, createChannelInput } from "./schema";
import { newSigningSecret } from "./sign-webhook";

/**
 * Makes a channel. Of a webhook, the secret by which its messages are signed is in the answer, this once.
 * @throws AppError `invalid` (the address), `conflict` (the name is taken), `forbidden`
 */
export async function createChannel(
  actor: Actor,
  input: CreateChannelInput,
): Promise<{ id: string; signingSecret: string | null }> {
  const wanted = createChannelInput.parse(input);
  await authorize(actor, "message:configure", { type: "channel", name: wanted.name });
  const place = wanted.url === undefined ? null : readPlace(wanted.kind, wanted.url, wanted.allowPrivateHost);
  const signingSecret = wanted.kind === "webhook" ? newSigningSecret() : null;
  const secrets = { ...(place ? { url: place.url } : {}), ...(signingSecret ? { signing: signingSecret } : {}) };
  const settings = place ? place.settings : { addresses: wanted.addresses ?? [] };
  const { name, kind, events, enabled } = wanted;
  return createPlace(secrets, { message: channelNameTaken(name) }, async (tx, row) => {
    await tx.channel.create({ data: { ...row, name, kind, settings, events, enabled } });
    await record(tx, actor, {
      action: "channel.created",
      target: { type: "channel", id: row.id, name },
      after: { ...wanted, url: null },
      details: { kind, host: place?.settings.host ?? null, allowPrivateHost: wanted.allowPrivateHost },
    });
  });
}

/** What is said where the name of a channel is taken. */
export function channelNameTaken(name: string): string {
  return `There is a channel called ${name} already.`;
}
