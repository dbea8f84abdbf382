import { randomUUID } from "node:crypto";
import { sealSecrets } from "../auth/seal-secrets";
import { databaseCode, type Tx, transaction } from "../db/client";
import { AppError } from "../errors";
import { now } from "../time";

/** What the row of a new place holds whatever it is for: its id, its secrets sealed by that id, and since when it is. */
export type PlaceRow = { id: string; secrets: Uint8Array<ArrayBuffer>; createdAt: Date };

/**
 * Makes a place that something is sent to, in one transaction with its event. Of a webhook, the secret by which what it
 * gets is signed is in the answer, this once.
 * @throws AppError `conflict`, with the words of `taken`, where the name is
 */
export async function createPlace(
  secrets: { signing?: string } & Record<string, string>,
  taken: { message: string },
  create: (tx: Tx, row: PlaceRow) => Promise<void>,
): Promise<{ id: string; signingSecret: string | null }> {
  const id = randomUUID();
  const row = { id, secrets: Uint8Array.from(sealSecrets(secrets, id)), createdAt: now() };
  try {
    await transaction((tx) => create(tx, row));
  } catch (error) {
    throw nameTaken(error, taken.message);
  }
  return { id, signingSecret: secrets.signing ?? null };
}

/** A broken uniqueness of the name as a refusal; anything else as it was. */
export function nameTaken(error: unknown, message: string): unknown {
  const isTaken = databaseCode(error) === "23505" || (error as { code?: string }).code === "P2002";
  return isTaken
    ? new AppError("conflict", message, { field: "name", remedy: "Choose another name.", cause: error })
    : error;
}
