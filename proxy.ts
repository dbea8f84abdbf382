import { type NextRequest, NextResponse } from "next/server";
import { isSecureSite, sessionCookieName } from "@/lib/auth/address";
import { contentSecurityPolicy, securityHeaders } from "@/lib/auth/security-headers";
import { pathHeader } from "@/lib/auth/visitor";
import { env } from "@/lib/env";

/**
 * Decorates every answer: request id, nonce, security headers. It sends somebody without a session cookie to the
 * sign-in page for comfort, and authorizes nothing: every page, action and route checks for itself.
 */
export function proxy(request: NextRequest): NextResponse {
  const tooLarge = refuseBody(request);
  if (tooLarge) return tooLarge;
  const site = { secure: isSecureSite(), development: process.env.NODE_ENV === "development" };
  const nonce = btoa(crypto.randomUUID());
  const policy = contentSecurityPolicy(nonce, site);
  const headers = new Headers(request.headers);
  headers.set("x-request-id", requestIdOf(request));
  headers.set(pathHeader, request.nextUrl.pathname + request.nextUrl.search);
  headers.set("x-nonce", nonce);
  headers.set("content-security-policy", policy);

  const answer = needsSignIn(request) ? signInFirst(request) : NextResponse.next({ request: { headers } });
  answer.headers.set("x-request-id", headers.get("x-request-id") ?? "");
  answer.headers.set("content-security-policy", policy);
  for (const [name, value] of Object.entries(securityHeaders(site))) answer.headers.set(name, value);
  return answer;
}

// An uploaded file does not come by here: Next.js keeps the body of what does in memory, and cuts it off after 10 MB.
export const config = { matcher: "/((?!_next/static/|connections/import).*)" };

// What a page or a sign-in is sent is small, and a browser says how long it is. The framework would read a megabyte of it
// and then fail; the API reads with limits of its own.
const longestBody = 1_000_000;

function refuseBody(request: NextRequest): NextResponse | null {
  if (request.nextUrl.pathname.startsWith("/api/v1/")) return null;
  const length = request.headers.get("content-length");
  const isLong = Number(length ?? 0) > longestBody || (length === null && request.headers.has("transfer-encoding"));
  if (!isLong) return null;
  const headers = { "cache-control": "no-store", connection: "close" };
  return new NextResponse("The body is too large, or does not say how large it is.\n", { status: 413, headers });
}

// An id from outside is taken over only from a proxy that we were told of, and only when it is plain.
function requestIdOf(request: NextRequest): string {
  const given = request.headers.get("x-request-id");
  const trusted = env().ROLLCALL_TRUSTED_PROXIES > 0 && given !== null && /^[\w.-]{8,64}$/.test(given);
  return trusted ? given : crypto.randomUUID();
}

function needsSignIn(request: NextRequest): boolean {
  const isPage = request.method === "GET" && (request.headers.get("accept") ?? "").includes("text/html");
  const isOpen = /^\/(sign-in|api|oauth|scim|\.well-known|_next)(\/|$)|\.\w+$/.test(request.nextUrl.pathname);
  return isPage && !isOpen && !request.cookies.has(sessionCookieName());
}

function signInFirst(request: NextRequest): NextResponse {
  const to = new URL("/sign-in", request.nextUrl);
  const path = request.nextUrl.pathname + request.nextUrl.search;
  if (path !== "/") to.searchParams.set("next", path);
  return NextResponse.redirect(to, 307);
}
