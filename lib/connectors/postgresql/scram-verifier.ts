import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

// What the server's own default is (RFC 7677, section 4).
const iterations = 4_096;

/**
 * What PostgreSQL stores of a password (RFC 5803), made here so that the password itself is never part of a statement,
 * and so of no log. `password` is ASCII, which is its own SASLprep.
 */
export function scramVerifier(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  const storedKey = createHash("sha256").update(hmac(salted, "Client Key")).digest("base64");
  const serverKey = hmac(salted, "Server Key").toString("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${serverKey}`;
}

/** A password of 256 random bits. */
export function randomPassword(): string {
  return randomBytes(32).toString("base64url");
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
