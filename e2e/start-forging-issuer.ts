import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from "jose";

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** What the issuer signs with, honest or not. */
export type Keys = Awaited<ReturnType<typeof makeKeys>>;
/** An ID token made of the claims that an honest one would have. */
export type Forge = (claims: JWTPayload, keys: Keys) => Promise<string> | string;

/** An OpenID provider that lies: it signs everybody in at once, with whatever ID token it was told to make. */
export type ForgingIssuer = {
  address: string;
  /** From now on, `who` signs in with a token made by `forge`. */
  say(who: JWTPayload, forge: Forge): void;
  stop(): Promise<void>;
};

/** What a product is started with to sign people in by this issuer. */
export function signOnBy(issuer: ForgingIssuer): Record<string, string> {
  return {
    OIDC_ISSUER: issuer.address,
    OIDC_CLIENT_ID: "rollcall",
    OIDC_CLIENT_SECRET: "a-secret-of-the-test-only",
  };
}

/** As an honest provider does it. */
export const honest: Forge = (claims, keys) => signed(claims, keys.own);

/** `claims` signed with `key` under `header`. */
export function signed(claims: JWTPayload, key: CryptoKey | Uint8Array, header: object = {}): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "one", typ: "JWT", ...header }).sign(key);
}

/** Without any signature (RFC 7519, section 6). */
export function unsigned(claims: JWTPayload): string {
  return `${encode({ alg: "none", kid: "one" })}.${encode(claims)}.`;
}

async function makeKeys() {
  const [own, foreign] = await Promise.all([generateKeyPair("RS256"), generateKeyPair("RS256")]);
  return {
    own: own.privateKey,
    foreign: foreign.privateKey,
    foreignJwk: await exportJWK(foreign.publicKey),
    ownJwk: await exportJWK(own.publicKey),
    // What a mixed-up verifier would take for a shared secret.
    publicPem: new TextEncoder().encode(await exportSPKI(own.publicKey)),
  };
}

/** Starts it on `port`, for the client "rollcall". */
export async function startForgingIssuer(port: number): Promise<ForgingIssuer> {
  const address = `http://localhost:${port}`;
  const keys = await makeKeys();
  let saying: { who: JWTPayload; forge: Forge } = { who: {}, forge: honest };
  let nonce = "";
  const answers: Record<string, (url: URL, response: ServerResponse) => unknown> = {
    "/.well-known/openid-configuration": () => discovery(address),
    "/jwks": () => ({ keys: [{ ...keys.ownJwk, kid: "one", alg: "RS256", use: "sig" }] }),
    "/authorize": (url, response) => {
      nonce = url.searchParams.get("nonce") ?? "";
      const back = new URL(url.searchParams.get("redirect_uri") ?? address);
      back.searchParams.set("code", "a-code");
      back.searchParams.set("state", url.searchParams.get("state") ?? "");
      response.writeHead(302, { location: back.href });
      return null;
    },
    "/token": async () => {
      const at = Math.floor(Date.now() / 1_000);
      const claims = { iss: address, aud: "rollcall", nonce, iat: at, exp: at + 300, ...saying.who };
      const id_token = await saying.forge(claims, keys);
      return { access_token: "an-access-token", token_type: "Bearer", expires_in: 300, id_token };
    },
    "/userinfo": () => saying.who,
  };
  const server = createServer(async (request: IncomingMessage, response) => {
    const url = new URL(request.url ?? "/", address);
    const body = await answers[url.pathname]?.(url, response);
    if (body) response.setHeader("content-type", "application/json");
    response.end(body ? JSON.stringify(body) : undefined);
  });
  server.listen(port);
  await once(server, "listening");
  return {
    address,
    say: (who, forge) => {
      saying = { who, forge };
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function discovery(address: string) {
  return {
    issuer: address,
    authorization_endpoint: `${address}/authorize`,
    token_endpoint: `${address}/token`,
    jwks_uri: `${address}/jwks`,
    userinfo_endpoint: `${address}/userinfo`,
    response_types_supported: ["code"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256", "HS256", "none"],
  };
}
