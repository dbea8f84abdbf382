import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { env } from "../env";
import { AppError } from "../errors";

// A sealed value is version byte | 12 bytes nonce | 16 bytes tag | ciphertext: AES-256-GCM (NIST SP 800-38D).
const version = 1;

/** Encrypts the secrets of a row (a connection, a channel) for storage, bound to its id: moved to another row they do not open. */
export function sealSecrets(secrets: Record<string, unknown>, rowId: string): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key(), nonce);
  cipher.setAAD(Buffer.from(rowId));
  const body = Buffer.concat([cipher.update(JSON.stringify(secrets), "utf8"), cipher.final()]);
  return Buffer.concat([Buffer.from([version]), nonce, cipher.getAuthTag(), body]);
}

/**
 * The secrets again.
 * @throws AppError `unavailable` when the key of this installation is not the one they were sealed with.
 */
export function openSecrets(sealed: Uint8Array | null, rowId: string): Record<string, unknown> {
  if (!sealed || sealed.length === 0) return {};
  const bytes = Buffer.from(sealed);
  try {
    if (bytes[0] !== version) throw new Error(`unknown version ${bytes[0]}`);
    const decipher = createDecipheriv("aes-256-gcm", key(), bytes.subarray(1, 13));
    decipher.setAAD(Buffer.from(rowId));
    decipher.setAuthTag(bytes.subarray(13, 29));
    return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(29)), decipher.final()]).toString("utf8"));
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError("unavailable", "these secrets cannot be opened with this installation's key", {
      remedy: "Restore ROLLCALL_ENCRYPTION_KEY as it was when they were entered, or enter them again.",
      cause,
    });
  }
}

/** A key for another purpose than sealing, made from this installation's own: 32 bytes (HKDF, RFC 5869). */
export function derivedKey(purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", key(), "", `rollcall ${purpose}`, 32));
}

function key(): Buffer {
  const text = env().ROLLCALL_ENCRYPTION_KEY;
  if (!text) {
    throw new AppError("unavailable", "ROLLCALL_ENCRYPTION_KEY is not set, so that secrets cannot be kept", {
      remedy: "Start Rollcall with npm start, which makes one, or set it to 32 random bytes in base64.",
    });
  }
  return Buffer.from(text, "base64");
}
