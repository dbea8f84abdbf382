import { randomUUID } from "node:crypto";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { sealSecrets } from "../auth/seal-secrets";
import { databaseCode, rows, transaction } from "../db/client";
import { env } from "../env";
import { AppError } from "../errors";
import { readPlace } from "../messages/read-place";
import { newSigningSecret } from "../messages/sign-webhook";
import { now } from "../time";
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
  const id = randomUUID();
  // A stream begins with what happens from now on; an anchor with the next checkpoint.
  const start = await startOf(wanted);
  try {
    await transaction(async (tx) => {
      await tx.auditDestination.create({
        data: {
          id,
          name: wanted.name,
          kind: wanted.kind,
          settings,
          secrets: Uint8Array.from(sealSecrets(secrets, id)),
          position: start,
          createdAt: now(),
        },
      });
      await record(tx, actor, {
        action: "record_destination.created",
        target: { type: "record_destination", id, name: wanted.name },
        details: { kind: wanted.kind, shown: settings.shown, allowPrivateHost: wanted.allowPrivateHost },
      });
    });
  } catch (error) {
    throw nameTaken(error, wanted.name);
  }
  return { id, signingSecret: secrets.signing ?? null };
}

/** Ends it. What arrived there stays there. @throws AppError `not_found`, `conflict` (a file), `forbidden` */
export async function removeDestination(actor: Actor, input: { id: string }): Promise<{ id: string }> {
  await authorize(actor, "record:configure", { type: "record_destination", id: input.id });
  return transaction(async (tx) => {
    const found = await tx.auditDestination.findFirst({ where: { id: input.id, removedAt: null } });
    if (!found) throw new AppError("not_found", "The record goes to no such place.");
    await tx.auditDestination.update({ where: { id: found.id }, data: { removedAt: now(), secrets: null } });
    await record(tx, actor, {
      action: "record_destination.removed",
      target: { type: "record_destination", id: found.id, name: found.name },
      details: { kind: found.kind, position: Number(found.position) },
    });
    return { id: found.id };
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

function nameTaken(error: unknown, name: string): unknown {
  const isTaken = databaseCode(error) === "23505" || (error as { code?: string }).code === "P2002";
  if (!isTaken) return error;
  return new AppError("conflict", `The record goes to a place called ${name} already.`, {
    field: "name",
    remedy: "Choose another name.",
    cause: error,
  });
}
