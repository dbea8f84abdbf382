import { createHash } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import { AppError } from "../errors";
import { webhookHeaders } from "../messages/sign-webhook";
import { type Answer, callOut } from "../network/call-out";
import { now, secondMs } from "../time";
import type { Destination } from "./destination-schema";
import type { SignedCheckpoint } from "./sign-checkpoint";

const deadlineMs = 15 * secondMs;

/** Posts a checkpoint to a webhook, signed by Standard Webhooks; the id is the same however often it is tried. */
export async function postCheckpoint(to: Destination, origin: string, checkpoint: SignedCheckpoint): Promise<void> {
  const { size, root, note, signedAt } = checkpoint;
  const body = JSON.stringify({
    type: "record.checkpoint",
    timestamp: signedAt,
    data: { origin, size, root: root.toString("base64"), note },
  });
  const signed = webhookHeaders({
    id: `checkpoint_${to.id}_${size}`,
    at: now(),
    body,
    secrets: { signing: to.secrets.signing },
  });
  const answer = await callOut({
    url: to.secrets.url ?? "",
    headers: { "content-type": "application/json", "user-agent": "Rollcall", ...signed },
    body,
    allowedHost: to.settings.allowedHost,
    deadlineMs,
    signal: to.signal,
  });
  assertTaken(answer);
}

/**
 * Puts a checkpoint into an S3-compatible store as an object of its own, named by the log and the size. It asks the store
 * never to replace one (If-None-Match); a store that has it already has it.
 */
export async function putCheckpoint(to: Destination, origin: string, checkpoint: SignedCheckpoint): Promise<void> {
  const { size, note } = checkpoint;
  const { bucket = "", region = "", prefix = "", allowedHost } = to.settings;
  const base = (to.secrets.url ?? "").replace(/\/$/, "");
  const name = `${prefix}${origin.replaceAll(/[^\w.-]/g, "_")}/${String(size).padStart(16, "0")}.checkpoint`;
  const signer = new AwsV4Signer({
    method: "PUT",
    url: `${base}/${bucket}/${name}`,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "if-none-match": "*",
      "x-amz-content-sha256": createHash("sha256").update(note).digest("hex"),
    },
    body: note,
    accessKeyId: to.secrets.accessKeyId ?? "",
    secretAccessKey: to.secrets.secretAccessKey ?? "",
    service: "s3",
    region,
    datetime: now()
      .toISOString()
      .replace(/[-:]|\.\d{3}/g, ""),
  });
  const { url, headers } = await signer.sign();
  const answer = await callOut({
    method: "PUT",
    url: url.href,
    headers: Object.fromEntries(headers),
    body: note,
    allowedHost,
    deadlineMs,
    signal: to.signal,
  });
  if (answer.status !== 412) assertTaken(answer);
}

/** @throws AppError `unavailable` unless the answer is of the 200s. */
export function assertTaken({ status, body }: Answer): void {
  if (status >= 200 && status < 300) return;
  throw new AppError("unavailable", `it answered ${status}${body.trim() ? `: ${body.trim().slice(0, 300)}` : ""}`);
}
