import { expect, request, test } from "./journey";
import { locationOf, signInWith, startsSession } from "./single-sign-on";
import { type Database, startDatabase } from "./start-database";
import { type Forge, type ForgingIssuer, honest, signed, startForgingIssuer, unsigned } from "./start-forging-issuer";
import { type Product, startProduct } from "./start-product";

// A product whose issuer, or whoever sits between the two, answers with ID tokens that differ from a good one in one
// thing. All of it goes through the real sign-in route.
const ports = { product: 4330, issuer: 4331 };
const address = `http://localhost:${ports.product}`;
let database: Database;
let issuer: ForgingIssuer;
let product: Product;

test.beforeAll(async () => {
  test.setTimeout(300_000);
  database = await startDatabase();
  issuer = await startForgingIssuer(ports.issuer);
  product = await startProduct({
    port: ports.product,
    env: {
      DATABASE_URL: database.url,
      NEXTAUTH_URL: address,
      OIDC_ISSUER: issuer.address,
      OIDC_CLIENT_ID: "rollcall",
      OIDC_CLIENT_SECRET: "a-secret-of-the-test-only",
    },
  });
});
test.afterAll(async () => {
  await product?.stop();
  await issuer?.stop();
  await database?.stop();
});
test.beforeEach(() => database.rows("delete from rate_limits"));

const ada = {
  sub: "ada",
  name: "Ada",
  email: "ada@acme.test",
  email_verified: true,
  groups: ["rollcall-administrators"],
};

async function signIn(who: object, forge: Forge) {
  issuer.say({ ...who }, forge);
  const browser = await request.newContext();
  const answer = await signInWith(browser, { begin: address });
  const api = await browser.get(`${address}/api/v1/identities?limit=1`);
  await browser.dispose();
  return { location: locationOf(answer), session: startsSession(answer), api: api.status() };
}

async function events(action: string): Promise<number> {
  const [row] = await database.rows<{ count: number }>(
    "select count(*)::int as count from audit_events where action = $1",
    [action],
  );
  return row?.count ?? -1;
}

test("an honest ID token signs in, so that what follows is refused for its one fault", async () => {
  expect(await signIn(ada, honest)).toMatchObject({ session: true, api: 200 });
  expect(await events("session.started")).toBe(1);
});

const hour = 3_600;
const forgeries: Record<string, Forge> = {
  "is not signed (alg none)": unsigned,
  "is signed with the public key as if it were a secret (HS256)": (claims, keys) =>
    signed(claims, keys.publicPem, { alg: "HS256" }),
  "is signed with the client's secret (HS256)": (claims) =>
    signed(claims, new TextEncoder().encode("a-secret-of-the-test-only"), { alg: "HS256" }),
  "is signed by another key under the known id": (claims, keys) => signed(claims, keys.foreign),
  "names a key that the issuer does not have": (claims, keys) => signed(claims, keys.own, { kid: "two" }),
  "brings its own key": (claims, keys) => signed(claims, keys.foreign, { jwk: keys.foreignJwk }),
  "says where its key is": (claims, keys) => signed(claims, keys.foreign, { jku: `${issuer.address}/jwks` }),
  "was changed after it was signed": async (claims, keys) => {
    const [header, , signature] = (await honest(claims, keys)).split(".");
    const body = Buffer.from(JSON.stringify({ ...claims, sub: "root" })).toString("base64url");
    return `${header}.${body}.${signature}`;
  },
  "has its signature cut off": async (claims, keys) => (await honest(claims, keys)).replace(/[^.]+$/, ""),
  "is for another client": (claims, keys) => signed({ ...claims, aud: "another" }, keys.own),
  "is for several clients and bound to another": (claims, keys) =>
    signed({ ...claims, aud: ["rollcall", "another"], azp: "another" }, keys.own),
  "names another issuer": (claims, keys) => signed({ ...claims, iss: "https://evil.example" }, keys.own),
  "names the issuer with a slash more": (claims, keys) => signed({ ...claims, iss: `${claims.iss}/` }, keys.own),
  "has ended": (claims, keys) =>
    signed({ ...claims, exp: (claims.iat ?? 0) - 60, iat: (claims.iat ?? 0) - hour }, keys.own),
  "has no end": (claims, keys) => signed({ ...claims, exp: undefined }, keys.own),
  "ends at a time that is a word": (claims, keys) => signed(claimsWith(claims, { exp: "tomorrow" }), keys.own),
  "was issued in an hour": (claims, keys) => signed({ ...claims, iat: (claims.iat ?? 0) + hour }, keys.own),
  "counts only in an hour": (claims, keys) => signed({ ...claims, nbf: (claims.iat ?? 0) + hour }, keys.own),
  "answers another sign-in (nonce)": (claims, keys) => signed({ ...claims, nonce: "another" }, keys.own),
  "answers no sign-in (no nonce)": (claims, keys) => signed({ ...claims, nonce: undefined }, keys.own),
  "names nobody": (claims, keys) => signed({ ...claims, sub: undefined }, keys.own),
  "names nobody, with an empty name": (claims, keys) => signed({ ...claims, sub: "" }, keys.own),
  "names somebody else than userinfo does": (claims, keys) => signed({ ...claims, sub: "root" }, keys.own),
  "is no token": () => "not.a.token",
};

// The type of a payload forbids what a liar may send.
function claimsWith(claims: object, lies: object): Record<string, unknown> {
  return { ...claims, ...lies };
}

for (const [fault, forge] of Object.entries(forgeries)) {
  test(`an ID token that ${fault} signs nobody in, and the attempt is in the record`, async () => {
    const [refused, started] = [await events("session.refused"), await events("session.started")];
    const answer = await signIn(ada, forge);
    expect(answer).toMatchObject({ session: false, api: 401 });
    expect(new URL(answer.location, address).pathname).toMatch(/^\/(sign-in|api\/auth\/error)$/);
    expect([await events("session.refused"), await events("session.started")]).toEqual([refused + 1, started]);
  });
}

test("an address that the issuer has not verified takes over nobody and is kept nowhere", async () => {
  await signIn(ada, honest);
  for (const email_verified of [false, "false", undefined, "yes, of course"]) {
    const mallory = { sub: `mallory-${email_verified}`, name: "Mallory", email: ada.email, email_verified };
    expect((await signIn(mallory, honest)).api).toBe(200);
  }
  const people = await database.rows<{ name: string; email: string | null; roles: string[] }>(
    "select distinct name, email, roles from users where last_sign_in_at is not null order by name",
  );
  expect(people).toEqual([
    { name: "Ada", email: ada.email, roles: ["administrator", "member"] },
    { name: "Mallory", email: null, roles: ["member"] },
  ]);
});

test("another subject with somebody's verified address is refused, and that is in the record", async () => {
  await signIn(ada, honest);
  const refused = await events("session.refused");
  const answer = await signIn({ ...ada, sub: "ada-2" }, honest);
  expect(answer).toMatchObject({ session: false, api: 401 });
  expect(answer.location).toContain("error=conflict");
  expect(await events("session.refused")).toBe(refused + 1);
});
