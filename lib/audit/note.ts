import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";

// Signed notes and checkpoints: https://c2sp.org/signed-note and https://c2sp.org/tlog-checkpoint, with Ed25519. Pure.

/** A key that signs notes, as others know it. */
export type NoteKey = { name: string; publicKey: Uint8Array };
/** A signed tree head. */
export type Checkpoint = { origin: string; size: number; root: Buffer };

const ed25519 = 1;
// What stands before the 32 bytes of an Ed25519 key in its PKCS #8 and SPKI forms (RFC 8410).
const privatePrefix = Buffer.from("302e020100300506032b657004220420", "hex");
const publicPrefix = Buffer.from("302a300506032b6570032100", "hex");

/** A new key pair: 32 bytes each. */
export function newKeyPair(): { privateKey: Buffer; publicKey: Buffer } {
  const pair = generateKeyPairSync("ed25519");
  return {
    privateKey: pair.privateKey.export({ format: "der", type: "pkcs8" }).subarray(privatePrefix.length),
    publicKey: pair.publicKey.export({ format: "der", type: "spki" }).subarray(publicPrefix.length),
  };
}

/** The four bytes that tell a key from others of its name. */
export function keyIdOf({ name, publicKey }: NoteKey): Buffer {
  const bytes = createHash("sha256").update(`${name}\n`).update(Buffer.of(ed25519)).update(publicKey).digest();
  return bytes.subarray(0, 4);
}

/** A key as one line of text, `name+id+base64`, as tools for signed notes take it. */
export function verifierKey(key: NoteKey): string {
  const encoded = Buffer.concat([Buffer.of(ed25519), key.publicKey]).toString("base64");
  return `${key.name}+${keyIdOf(key).toString("hex")}+${encoded}`;
}

/** `text`, which ends in a newline, signed. */
export function signNote(text: string, key: NoteKey, privateKey: Uint8Array): string {
  const der = Buffer.concat([privatePrefix, privateKey]);
  const signature = sign(null, Buffer.from(text), createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
  return `${text}\n— ${key.name} ${Buffer.concat([keyIdOf(key), signature]).toString("base64")}\n`;
}

/** The text of a note, if one of `keys` signed it and none of their signatures is wrong; else null. */
export function openNote(note: string, keys: readonly NoteKey[]): string | null {
  const end = note.lastIndexOf("\n\n");
  if (end < 0 || !note.endsWith("\n")) return null;
  const text = note.slice(0, end + 1);
  const lines = note.slice(end + 2, -1).split("\n");
  const verdicts = lines.flatMap((line) => verdictOn(text, line, keys));
  return verdicts.length > 0 && verdicts.every(Boolean) ? text : null;
}

function verdictOn(text: string, line: string, keys: readonly NoteKey[]): boolean[] {
  const [, name, encoded] = /^— (\S+) ([A-Za-z0-9+/]+=*)$/.exec(line) ?? [];
  if (!name || !encoded) return [false];
  const bytes = Buffer.from(encoded, "base64");
  const key = keys.find((one) => one.name === name && keyIdOf(one).equals(bytes.subarray(0, 4)));
  if (!key) return [];
  const der = Buffer.concat([publicPrefix, key.publicKey]);
  return [
    verify(null, Buffer.from(text), createPublicKey({ key: der, format: "der", type: "spki" }), bytes.subarray(4)),
  ];
}

/** The text of a checkpoint. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString("base64")}\n`;
}

/** What the text of a checkpoint says, or null where it is none. */
export function readCheckpoint(text: string): Checkpoint | null {
  const [origin, size, root] = text.split("\n");
  if (!origin || !/^(0|[1-9]\d{0,15})$/.test(size ?? "")) return null;
  const hash = Buffer.from(root ?? "", "base64");
  return hash.length === 32 && hash.toString("base64") === root ? { origin, size: Number(size), root: hash } : null;
}
