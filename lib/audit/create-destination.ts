import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { rows } from "../db/client";
import { env } from "../env";
import { AppError } from "../errors";
import { createPlace } from "../messages/create-place";
import { readPlace } from "../messages/read-place";
import { newSigningSecret } from "../messages/sign-webhook";
import {
  type CreateDestinationInput,
  createDestinationInput,
  type DestinationSecrets,
  type DestinationSettings,
  isAnchor,
} from "./destination-schema";
import { record } from "./record";

type Input = ReturnType<typeof createDestinationInput.parse>;

/**
 * Lets the record go to one more place outside the database. Of a webhook, the secret by which its checkpoints are
 * signed is in the answer, this once.
 * @throws AppError `invalid` (the address), `conflict` (the name is taken), `forbidden`
 */
export async function createDestination(
  actor: Actor,
  input: CreateDestinationInput,
): Promise<{ id: string; signingSecret: string | null }> {
  const wanted = createDestinationInput.parse(input);
  await authorize(actor, "record:configure", { type: "record_destination", name: wanted.name });
  const { settings, secrets } = partsOf(wanted);
  // A stream begins with what happens from now on; an anchor with the next checkpoint.
  const position = await startOf(wanted);
  const { name, kind, allowPrivateHost } = wanted;
  const taken = { message: `The record goes to a place called ${name} already.` };
  return createPlace(secrets, taken, async (tx, row) => {
    await tx.auditDestination.create({ data: { ...row, name, kind, settings, position } });
    await record(tx, actor, {
      action: "record_destination.created",
      target: { type: "record_destination", id: row.id, name },
      details: { kind, shown: settings.shown, allowPrivateHost },
    });
  });
}

async function startOf({ kind }: Input): Promise<number> {
  if (isAnchor(kind)) return 0;
  const [head] = await rows<{ size: string }>("select coalesce(max(position), 0) as size from audit_sequence");
  return Number(head?.size ?? 0);
}

function partsOf(wanted: Input): { settings: DestinationSettings; secrets: DestinationSecrets } {
  if (wanted.kind === "syslog") {
    const { host, port, format, ca, allowPrivateHost } = wanted;
    if (allowPrivateHost && !env().ROLLCALL_ALLOW_PRIVATE_TARGETS)
      throw new AppError("invalid", "This installation calls public addresses only.", { field: "allowPrivateHost" });
    const allowedHost = allowPrivateHost ? host : null;
    return {
      settings: { shown: `${host}:${port}, over TLS`, allowedHost, host, port, format, ...(ca ? { ca } : {}) },
      secrets: {},
    };
  }
  const place = readPlace("webhook", wanted.url, wanted.allowPrivateHost);
  const common = { shown: place.settings.shown ?? "", allowedHost: place.settings.allowedHost ?? null };
  const { url } = place;
  if (wanted.kind === "webhook") return { settings: common, secrets: { url, signing: newSigningSecret() } };
  if (wanted.kind === "http") {
    const { format, authorization } = wanted;
    return { settings: { ...common, format }, secrets: { url, ...(authorization ? { authorization } : {}) } };
  }
  const { bucket, region, prefix, accessKeyId, secretAccessKey } = wanted;
  const shown = `${common.shown.replace(/\/$/, "")}/${bucket}/${prefix}`;
  return { settings: { ...common, shown, bucket, region, prefix }, secrets: { url, accessKeyId, secretAccessKey } };
}
