/** What a reader's browser can check of an event by itself. */
export type ProofToCheck = { leaf: string; index: number; size: number; path: readonly string[]; note: string };
/** The public keys of the log, as verifier keys. */
type Keys = readonly string[];

/** `holds`, `broken`, or `unknown`: this browser cannot tell. */
export type Verdict = "holds" | "broken" | "unknown";

/**
 * Does the path lead from the event to the root that the checkpoint signs? RFC 9162, section 2.1.3.2. Pure but for the
 * platform's SHA-256, which browsers have on secure addresses only.
 */
export async function checkPath({ leaf, index, size, path, note }: ProofToCheck): Promise<Verdict> {
  if (!globalThis.crypto?.subtle) return "unknown";
  const [, signedSize, root] = note.split("\n");
  let hash = await sha256(new Uint8Array([0]), new TextEncoder().encode(leaf));
  let [place, last] = [index, size - 1];
  for (const other of path.map(bytesOf)) {
    if (last === 0) return "broken";
    const isRight = place % 2 === 1 || place === last;
    hash = await (isRight ? sha256(nodeMark, other, hash) : sha256(nodeMark, hash, other));
    if (isRight) while (place % 2 === 0 && place !== 0) [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  return last === 0 && signedSize === String(size) && base64(hash) === root ? "holds" : "broken";
}

/** Is the checkpoint signed by one of the keys? Some browsers know no Ed25519. */
export async function checkSignature(note: string, keys: Keys): Promise<Verdict> {
  if (!globalThis.crypto?.subtle) return "unknown";
  const end = note.lastIndexOf("\n\n");
  const text = new TextEncoder().encode(note.slice(0, end + 1));
  for (const line of note.slice(end + 2).split("\n")) {
    const [, name, encoded] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? [];
    const key = keys.find((one) => name && encoded && one.startsWith(`${name}+${hex(bytesOf(encoded).slice(0, 4))}+`));
    if (!key || !encoded) continue;
    return verify(bytesOf(key.split("+").slice(2).join("+")).slice(1), bytesOf(encoded).slice(4), text);
  }
  return "broken";
}

async function verify(publicKey: Bytes, signature: Bytes, text: Bytes): Promise<Verdict> {
  let key: CryptoKey;
  try {
    key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
  } catch {
    return "unknown";
  }
  return (await crypto.subtle.verify("Ed25519", key, signature, text)) ? "holds" : "broken";
}

type Bytes = Uint8Array<ArrayBuffer>;
const nodeMark = new Uint8Array([1]);

async function sha256(...pieces: Uint8Array[]): Promise<Bytes> {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

function bytesOf(text: string): Bytes {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
