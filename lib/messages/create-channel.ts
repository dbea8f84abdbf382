import { randomUUID } from "node:crypto";
import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { sealSecrets } from "../auth/seal-secrets";
import { databaseCode, transaction } from "../db/client";
import { AppError } from "../errors";
import { now } from "../time";
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
  const id = randomUUID();
  const secrets = { ...(place ? { url: place.url } : {}), ...(signingSecret ? { signing: signingSecret } : {}) };
  const settings = place ? place.settings : { addresses: wanted.addresses ?? [] };
  try {
    await transaction(async (tx) => {
      await tx.channel.create({
        data: {
          id,
          name: wanted.name,
          kind: wanted.kind,
          settings,
          secrets: Uint8Array.from(sealSecrets(secrets, id)),
          events: wanted.events,
          enabled: wanted.enabled,
          createdAt: now(),
        },
      });
      await record(tx, actor, {
        action: "channel.created",
        target: { type: "channel", id, name: wanted.name },
        after: { ...wanted, url: null },
        details: { kind: wanted.kind, host: place?.settings.host ?? null, allowPrivateHost: wanted.allowPrivateHost },
      });
    });
  } catch (error) {
    throw channelNameTaken(error, wanted.name);
  }
  return { id, signingSecret };
}

/** A broken uniqueness of the name in words; anything else as it was. */
export function channelNameTaken(error: unknown, name: string): unknown {
  const taken = databaseCode(error) === "23505" || (error as { code?: string }).code === "P2002";
  return taken
    ? new AppError("conflict", `There is a channel called ${name} already.`, {
        field: "name",
        remedy: "Choose another name.",
        cause: error,
      })
    : error;
}
