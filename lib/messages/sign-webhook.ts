import { createHmac, randomBytes } from "node:crypto";
import type { ChannelSecrets } from "./schema";

/** A new secret of a webhook: 32 random bytes, written as Standard Webhooks writes them. */
export function newSigningSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

/**
 * The headers that prove a body, by Standard Webhooks: the id stays the same over all tries, the time is that of this
 * one, and while a secret is being replaced there is a signature by each.
 */
export function webhookHeaders(it: {
  id: string;
  at: Date;
  body: string;
  secrets: ChannelSecrets;
}): Record<string, string> {
  const { id, at, body, secrets } = it;
  const timestamp = Math.floor(at.getTime() / 1_000);
  const stillValid = secrets.previousUntil !== undefined && secrets.previousUntil > at;
  const keys = [secrets.signing, stillValid ? secrets.previous : undefined].filter((key) => key !== undefined);
  const signatures = keys.map((key) => `v1,${signatureOf(key, `${id}.${timestamp}.${body}`)}`);
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": signatures.join(" "),
  };
}

function signatureOf(secret: string, text: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  return createHmac("sha256", key).update(text, "utf8").digest("base64");
}
