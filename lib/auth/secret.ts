import { createHash, randomBytes } from "node:crypto";

/** A new secret of 256 random bits, in base64url after `prefix`. Shown or set once; only its hash is stored. */
export function newSecret(prefix = ""): string {
  return prefix + randomBytes(32).toString("base64url");
}

/** What is stored of a secret: its SHA-256 in hex. It has 256 bits of its own, so it needs no salt and no slow hash. */
export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
