import { randomBytes, randomUUID } from "node:crypto";
import { openSecrets, sealSecrets } from "../auth/seal-secrets";
import { rows, type Tx } from "../db/client";
import { env } from "../env";
import { now } from "../time";
import { type NoteKey, newKeyPair, signNote, verifierKey } from "./note";

/** A key of the log. */
export type LogKey = NoteKey & { id: string; endorsement: string | null; createdAt: Date; retiredAt: Date | null };
/** The key that signs now, opened. */
export type SigningKey = LogKey & { privateKey: Buffer };

/** Every key the log ever had, the oldest first. */
export async function listKeys(): Promise<LogKey[]> {
  return rows<LogKey>(
    `select id, name, public_key as "publicKey", endorsement, created_at as "createdAt", retired_at as "retiredAt"
     from audit_keys order by created_at, id`,
  );
}

/** The key that signs, made at its first use. Its row stays locked. */
export async function currentKey(tx: Tx): Promise<SigningKey> {
  await tx.$executeRaw`lock table audit_keys in share row exclusive mode`;
  const key = await tx.auditKey.findFirst({ where: { retiredAt: null } });
  if (!key) return makeKey(tx, { name: nameOfLog(), endorsement: () => null });
  const secrets = openSecrets(key.privateKey, key.id);
  return { ...key, privateKey: Buffer.from(String(secrets.key), "base64") };
}

/** Replaces the key: the old one endorses the new one, and its private part is gone. */
export async function replaceKey(tx: Tx, old: SigningKey): Promise<SigningKey> {
  await tx.auditKey.update({ where: { id: old.id }, data: { retiredAt: now(), privateKey: null } });
  const endorsement = (key: NoteKey) => signNote(endorsementText(key), old, old.privateKey);
  return makeKey(tx, { name: old.name, endorsement });
}

/** What an old key signs of a new one. */
export function endorsementText(key: NoteKey): string {
  return `rollcall key succession\n${verifierKey(key)}\n`;
}

type Wanted = { name: string; endorsement: (key: NoteKey) => string | null };

async function makeKey(tx: Tx, { name, endorsement }: Wanted): Promise<SigningKey> {
  const { privateKey, publicKey } = newKeyPair();
  const id = randomUUID();
  const row = {
    id,
    name,
    publicKey: Uint8Array.from(publicKey),
    endorsement: endorsement({ name, publicKey }),
    createdAt: now(),
    retiredAt: null,
  };
  const sealed = Uint8Array.from(sealSecrets({ key: privateKey.toString("base64") }, id));
  await tx.auditKey.create({ data: { ...row, privateKey: sealed } });
  return { ...row, privateKey };
}

// The origin of the log's checkpoints: no two installations may share one, and it stays when the address changes.
function nameOfLog(): string {
  const host = env().NEXTAUTH_URL ? new URL(env().NEXTAUTH_URL ?? "").host : "rollcall.internal";
  return `${host}/record/${randomBytes(4).toString("hex")}`;
}
