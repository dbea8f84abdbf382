import { decodeJwt } from "jose";
import type { NextRequest } from "next/server";
import NextAuth, { type AuthOptions } from "next-auth";
import type { Adapter } from "next-auth/adapters";
import type { OAuthConfig } from "next-auth/providers/oauth";
import { db, transaction } from "../db/client";
import { env } from "../env";
import { AppError, type ErrorCode, messageOf } from "../errors";
import { log } from "../log";
import { minuteMs, now, nowMs, plus } from "../time";
import { isSecureSite, safeReturnPath, sessionCookieName, siteAddress } from "./address";
import { giveBack, spend } from "./limit-sign-in";
import { type FindIdentity, recognisePerson } from "./recognise-person";
import { refuseSignIn } from "./refuse-sign-in";
import { sessionLifetimeMs, startSession } from "./session";
import { sessionCookieOptions } from "./session-cookie";
import { type HeaderReader, networkOf, type Visitor, visitorOf } from "./visitor";

type RouteContext = { params: Promise<{ nextauth: string[] }> };
type Claims = Record<string, unknown>;

/**
 * Of all that next-auth would answer, what Rollcall uses. Its own session, sign-out and pages are not among it; `error`
 * and `signin` only send the browser to ours.
 */
const answered = new Set(["GET csrf", "POST signin/oidc", "GET callback/oidc", "GET error", "GET signin"]);

/** Is single sign-on set up here? Its name for the button, or null. */
export function singleSignOnName(): string | null {
  return env().OIDC_ISSUER && env().OIDC_CLIENT_ID ? env().OIDC_NAME : null;
}

/**
 * Single sign-on with OpenID Connect (Core 1.0, authorization code flow with PKCE, state and nonce). next-auth does the
 * dance with the issuer; who that is here, and the session, are ours.
 */
export async function answerSingleSignOn(
  request: NextRequest,
  context: RouteContext,
  findIdentity: FindIdentity,
): Promise<Response> {
  const path = (await context.params).nextauth.join("/");
  if (!answered.has(`${request.method} ${path}`) || singleSignOnName() === null) {
    return Response.json({ code: "not_found" }, { status: 404 });
  }
  if (!isShort(request.headers)) return Response.json({ code: "too_large" }, { status: 413 });
  const visitor = visitorOf(request.headers);
  const faults: string[] = [];
  const refused: { error: AppError | null } = { error: null };
  const options = authOptions({ visitor, findIdentity, faults, refused });
  // next-auth takes its own address from here and nowhere else.
  process.env.NEXTAUTH_URL ??= siteAddress().origin;
  if (path !== "callback/oidc") {
    const answer = answerOf(await NextAuth(request, context, options));
    if (faults.length > 0) log().error({ requestId: visitor.requestId, faults }, "the single sign-on is not reached");
    return answer;
  }
  const network = networkOf(visitor.ip);
  try {
    await spend("sign-in-network", network);
  } catch (error) {
    return backToSignIn(error instanceof AppError ? error.code : "unavailable");
  }
  const answer = answerOf(await NextAuth(request, context, options));
  if (faults.length === 0 && refused.error === null) await giveBack("sign-in-network", network);
  else if (refused.error === null) await noteFault(visitor, faults);
  return answer;
}

// next-auth reads a body whole; of ours it needs a token and a path.
function isShort(headers: HeaderReader): boolean {
  const length = headers.get("content-length");
  return length === null ? !headers.get("transfer-encoding") : Number(length) <= 10_000;
}

function answerOf(answer: unknown): Response {
  return answer instanceof Response ? answer : Response.json({ code: "not_found" }, { status: 404 });
}

function backToSignIn(code: ErrorCode): Response {
  return new Response(null, { status: 303, headers: { location: `/sign-in?error=${code}` } });
}

// What the issuer or the browser got wrong: a forged state, a stale code, a signature that does not verify.
async function noteFault(visitor: Visitor, faults: string[]): Promise<void> {
  log().warn({ requestId: visitor.requestId, faults }, "a single sign-on failed");
  const error = new AppError("unauthenticated", `The single sign-on failed: ${faults.join(", ")}`);
  await refuseSignIn(visitor, "oidc", error).catch(() => undefined);
}

type Attempt = {
  visitor: Visitor;
  findIdentity: FindIdentity;
  faults: string[];
  refused: { error: AppError | null };
};

function authOptions({ visitor, findIdentity, faults, refused }: Attempt): AuthOptions {
  const issuer = env().OIDC_ISSUER ?? "";
  return {
    secret: env().NEXTAUTH_SECRET,
    providers: [provider(issuer)],
    adapter: adapter(visitor, issuer),
    session: { strategy: "database", maxAge: sessionLifetimeMs / 1_000 },
    useSecureCookies: isSecureSite(),
    cookies: {
      sessionToken: { name: sessionCookieName(), options: sessionCookieOptions(plus(now(), sessionLifetimeMs)) },
    },
    pages: { signIn: "/sign-in", error: "/sign-in" },
    logger: {
      error: (code, facts) => faults.push(`${code} (${causeOf(facts)})`),
      warn: () => undefined,
      debug: () => undefined,
    },
    callbacks: {
      redirect: ({ url, baseUrl }) =>
        baseUrl + safeReturnPath(url.startsWith(baseUrl) ? url.slice(baseUrl.length) : url),
      signIn: async ({ profile }) => {
        try {
          await recognisePerson(visitor, { issuer, claims: profile }, findIdentity);
          return true;
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          refused.error = error;
          await refuseSignIn(visitor, "oidc", error).catch(() => undefined);
          return `/sign-in?error=${error.code === "unauthenticated" ? "disabled" : error.code}`;
        }
      },
    },
  };
}

function causeOf(facts: Error | { error: Error }): string {
  return messageOf(facts instanceof Error ? facts : facts.error).slice(0, 200);
}

function provider(issuer: string): OAuthConfig<Claims> {
  return {
    id: "oidc",
    name: env().OIDC_NAME,
    type: "oauth",
    wellKnown: `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`,
    clientId: env().OIDC_CLIENT_ID,
    clientSecret: env().OIDC_CLIENT_SECRET,
    client: env().OIDC_CLIENT_SECRET ? {} : { token_endpoint_auth_method: "none" },
    authorization: { params: { scope: env().OIDC_SCOPE } },
    idToken: true,
    checks: ["pkce", "state", "nonce"],
    httpOptions: { timeout: 10_000 },
    userinfo: { request: (context) => allClaims(issuer, context) },
    profile: (claims) => ({ id: String(claims.sub), name: null, email: null, image: null }),
  };
}

type Userinfo = Exclude<OAuthConfig<Claims>["userinfo"], string | undefined>;
type UserinfoContext = Parameters<NonNullable<Userinfo["request"]>>[0];

// The ID token, verified by now, decides; what it lacks (many issuers keep groups out of it) comes from the userinfo
// endpoint, whose subject must be the same (OpenID Connect Core 1.0, section 5.3.2).
async function allClaims(issuer: string, { client, tokens }: UserinfoContext): Promise<Claims & { sub: string }> {
  const { issuer: proven, userinfo_endpoint: more } = client.issuer.metadata;
  if (proven !== issuer) throw new Error(`the issuer calls itself ${proven}`);
  const { sub, ...claims } = decodeJwt(tokens.id_token ?? "");
  if (!sub) throw new Error("the issuer named no subject");
  // Its end and beginning are checked by now, and openid-client asks of this one only that it is a number.
  if ((claims.iat ?? 0) * 1_000 > nowMs() + minuteMs) throw new Error("the ID token was issued in the future");
  if (!more || !tokens.access_token) return { ...claims, sub };
  const told = await client.userinfo(tokens.access_token);
  if (told.sub !== sub) throw new Error("the userinfo endpoint tells of somebody else");
  return { ...told, ...claims, sub };
}

// next-auth asks for a session to be kept; it gets ours. It never looks one up: an existing session must not be carried
// over into a new sign-in, nor an account of the issuer be joined to whoever happens to be signed in.
function adapter(visitor: Visitor, issuer: string): Adapter {
  return {
    getUserByAccount: async ({ providerAccountId }) => {
      const account = await db().signInAccount.findUnique({
        where: { provider_subject: { provider: issuer, subject: providerAccountId } },
        include: { user: true },
      });
      return account
        ? { id: account.userId, name: account.user.name, email: account.user.email ?? "", emailVerified: null }
        : null;
    },
    createSession: async ({ userId }) => {
      const started = await transaction((tx) => startSession(tx, { userId, authenticatedBy: "oidc", visitor }));
      return { sessionToken: started.token, userId, expires: started.expiresAt };
    },
    getSessionAndUser: async () => null,
    createUser: notOurs,
    getUser: notOurs,
    getUserByEmail: notOurs,
    updateUser: notOurs,
    linkAccount: notOurs,
    updateSession: notOurs,
    deleteSession: notOurs,
  };
}

function notOurs(): never {
  throw new Error("next-auth asked for what Rollcall does by itself");
}
