import { createHmac } from "node:crypto";
import { rows } from "../db/client";
import { AppError } from "../errors";

const settingKey = "encryption-key-fingerprint";

/** What may be known of the key: enough to tell it from another, nothing to decrypt with. */
export function fingerprintOf(key: string): string {
  return createHmac("sha256", Buffer.from(key, "base64")).update("rollcall encryption key").digest("hex").slice(0, 32);
}

/**
 * Refuses when the database's secrets were encrypted with another key than this process has: two processes with two
 * keys would each write what the other cannot read. The first process to come sets the key's fingerprint.
 * @throws AppError `conflict`
 */
export async function checkEncryptionKey(key: string): Promise<void> {
  const fingerprint = fingerprintOf(key);
  await rows("insert into settings (key, value) values ($1, to_jsonb($2::text)) on conflict (key) do nothing", [
    settingKey,
    fingerprint,
  ]);
  const [kept] = await rows<{ value: string }>("select value from settings where key = $1", [settingKey]);
  if (kept?.value === fingerprint) return;
  throw new AppError(
    "conflict",
    "ROLLCALL_ENCRYPTION_KEY is not the key that this database's secrets were encrypted with",
    {
      remedy:
        "Set ROLLCALL_ENCRYPTION_KEY (or restore secrets.json in the data folder) to the key of the machine where this database was first used; every machine needs the same one.",
    },
  );
}
