import { cookies, headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { recordAttempt } from "../audit/record";
import { AppError } from "../errors";
import { type Actor, type PersonActor, system } from "./actor";
import { safeReturnPath, sessionCookieName } from "./address";
import { spend } from "./limit-sign-in";
import { assertSameOrigin } from "./same-origin";
import { readSession } from "./session";
import { verifyToken } from "./verify-token";
import { cookieOf, networkOf, pathHeader, type Visitor, visitorOf } from "./visitor";

/** Who is signed in here, or null. Read once for each request that renders a page. */
export const currentActor: () => Promise<PersonActor | null> = cache(async () => {
  const [jar, given] = await Promise.all([cookies(), headers()]);
  const token = jar.get(sessionCookieName())?.value;
  return token ? readSession(token, given.get("x-request-id")) : null;
});

/** Who is signed in; for pages. Sends anybody else to the sign-in page, with the way back. */
export async function requireActor(): Promise<PersonActor> {
  const actor = await currentActor();
  if (actor) return actor;
  const back = safeReturnPath((await headers()).get(pathHeader));
  redirect(back === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(back)}`);
}

/** Who calls this server action, which must come from a page of this site. */
export async function actorOfAction(): Promise<PersonActor> {
  assertSameOrigin("POST", await headers());
  return (await currentActor()) ?? refuseStranger();
}

/** Who is about to sign in by a server action, which must come from a page of this site. */
export async function visitorOfAction(): Promise<Visitor> {
  const given = await headers();
  assertSameOrigin("POST", given);
  return visitorOf(given);
}

/**
 * Who calls this route: the bearer of an API token, or whoever's session cookie comes with it. An unsafe call with the
 * cookie must come from a page of this site.
 * @throws AppError `unauthenticated`, `forbidden` (another origin), `limited` (too many wrong tokens)
 */
export async function actorOfRequest(request: Request): Promise<Actor> {
  const visitor = visitorOf(request.headers);
  const authorization = request.headers.get("authorization");
  if (authorization !== null) return actorOfToken(authorization, visitor);
  const token = cookieOf(request.headers, sessionCookieName());
  if (token === null) return refuseStranger();
  assertSameOrigin(request.method, request.headers);
  return (await readSession(token, visitor.requestId)) ?? refuseStranger();
}

async function actorOfToken(authorization: string, visitor: Visitor): Promise<Actor> {
  const token = /^Bearer +([\w.~+/-]{1,500}=*)$/i.exec(authorization)?.[1];
  const actor = token === undefined ? null : await verifyToken(token, visitor.requestId);
  if (actor) return actor;
  await spend("token-network", networkOf(visitor.ip));
  await recordAttempt(system("sign-in", visitor.requestId), {
    action: "token.refused",
    outcome: "failed",
    details: { ip: visitor.ip },
  });
  throw new AppError(
    "unauthenticated",
    "This API token is not valid: unknown, expired, revoked, or its person is disabled.",
    {
      remedy: "Make a new token and send it as Authorization: Bearer <token>.",
    },
  );
}

function refuseStranger(): never {
  throw new AppError("unauthenticated", "You are not signed in, or your session has ended.", {
    remedy: "Sign in again; for programs, send an API token as Authorization: Bearer <token>.",
  });
}
