import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { db } from "../db/client";
import { relyingParty } from "./challenge";

// For tests: a passkey in software, which answers as a device would (Web Authentication level 3, section 7.2).

export type TestPasskey = {
  id: string;
  /** What the device answers to a challenge; `instead` is signed in its place, as a forger would. */
  answer(challenge: string, instead?: { origin?: string; verified?: boolean }): object;
};

/** Adds a passkey of this person. */
export async function addTestPasskey(userId: string): Promise<TestPasskey> {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const id = randomBytes(16).toString("base64url");
  await db().passkey.create({
    data: { id, userId, name: "test", publicKey: coseKey(x, y), counter: 0, transports: [] },
    select: { id: true },
  });
  let counter = 0;
  return {
    id,
    answer: (challenge, { origin = relyingParty().origin, verified = true } = {}) => {
      const client = Buffer.from(JSON.stringify({ type: "webauthn.get", challenge, origin, crossOrigin: false }));
      const count = Buffer.alloc(4);
      count.writeUInt32BE(++counter);
      // Flags: the user is present, and verified by the device.
      const flags = Buffer.from([verified ? 0b101 : 0b001]);
      const data = Buffer.concat([sha256(Buffer.from(relyingParty().id)), flags, count]);
      const signature = sign("sha256", Buffer.concat([data, sha256(client)]), privateKey);
      const response = {
        clientDataJSON: client.toString("base64url"),
        authenticatorData: data.toString("base64url"),
        signature: signature.toString("base64url"),
      };
      return { id, rawId: id, type: "public-key", response };
    },
  };
}

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest();

// A COSE_Key of ES256 (RFC 9053, section 7.1.1): {1: 2, 3: -7, -1: 1, -2: x, -3: y} in CBOR.
function coseKey(x: string, y: string): Uint8Array<ArrayBuffer> {
  const point = (text: string) => Buffer.concat([Buffer.from([0x58, 0x20]), Buffer.from(text, "base64url")]);
  const head = Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]);
  return new Uint8Array(Buffer.concat([head, point(x), Buffer.from([0x22]), point(y)]));
}
