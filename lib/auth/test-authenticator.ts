import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";

type Ceremony = { challenge: string; origin: string; rpId: string };
/** What a device may get wrong, on purpose. */
type Faults = { userVerified?: boolean; counter?: number; type?: string; key?: TestAuthenticator };

/**
 * For tests: a passkey in software, which answers the two ceremonies of Web Authentication (level 3, section 6.1) with
 * a real ES256 key, and may be told to answer them wrongly.
 */
export class TestAuthenticator {
  readonly id = randomBytes(16);
  private readonly pair = generateKeyPairSync("ec", { namedCurve: "P-256" });

  /** The answer to "make a passkey". */
  register(ceremony: Ceremony, faults: Faults = {}) {
    const { x = "", y = "" } = this.pair.publicKey.export({ format: "jwk" });
    // COSE_Key (RFC 9052, section 7): EC2, ES256, P-256.
    const key = map([
      [integer(1), integer(2)],
      [integer(3), integer(-7)],
      [integer(-1), integer(1)],
      [integer(-2), bytes(Buffer.from(x, "base64url"))],
      [integer(-3), bytes(Buffer.from(y, "base64url"))],
    ]);
    const length = Buffer.from([0, this.id.length]);
    const credential = Buffer.concat([Buffer.alloc(16), length, this.id, key]);
    const authData = Buffer.concat([authenticatorData(ceremony, faults, 0x40), credential]);
    const attestation = map([
      [text("fmt"), text("none")],
      [text("attStmt"), map([])],
      [text("authData"), bytes(authData)],
    ]);
    const clientDataJSON = clientData(faults.type ?? "webauthn.create", ceremony).toString("base64url");
    return this.answer({ clientDataJSON, attestationObject: attestation.toString("base64url") });
  }

  /** The answer to "sign in". */
  authenticate(ceremony: Ceremony, faults: Faults = {}) {
    const data = clientData(faults.type ?? "webauthn.get", ceremony);
    const authData = authenticatorData(ceremony, faults, 0);
    const signed = Buffer.concat([authData, createHash("sha256").update(data).digest()]);
    const signature = sign("sha256", signed, (faults.key ?? this).pair.privateKey);
    return this.answer({
      clientDataJSON: data.toString("base64url"),
      authenticatorData: authData.toString("base64url"),
      signature: signature.toString("base64url"),
    });
  }

  private answer<Response>(response: Response) {
    const id = this.id.toString("base64url");
    return { id, rawId: id, type: "public-key" as const, response };
  }
}

function clientData(type: string, { challenge, origin }: Ceremony): Buffer {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
}

function authenticatorData({ rpId }: Ceremony, faults: Faults, flags: number): Buffer {
  const counter = Buffer.alloc(4);
  counter.writeUInt32BE(faults.counter ?? 0);
  const present = 0x01 | ((faults.userVerified ?? true) ? 0x04 : 0) | flags;
  return Buffer.concat([createHash("sha256").update(rpId).digest(), Buffer.from([present]), counter]);
}

// As much of CBOR (RFC 8949) as an attestation needs.
function head(major: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(major << 5) | value]);
  return value < 256
    ? Buffer.from([(major << 5) | 24, value])
    : Buffer.from([(major << 5) | 25, value >> 8, value & 255]);
}
const integer = (value: number) => (value < 0 ? head(1, -1 - value) : head(0, value));
const bytes = (value: Buffer) => Buffer.concat([head(2, value.length), value]);
const text = (value: string) => Buffer.concat([head(3, value.length), Buffer.from(value)]);
const map = (pairs: [Buffer, Buffer][]) => Buffer.concat([head(5, pairs.length), ...pairs.flat()]);
