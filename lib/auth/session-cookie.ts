import { cookies } from "next/headers";
import { isSecureSite, sessionCookieName } from "./address";
import type { StartedSession } from "./session";

/** Puts a started session's token into the browser: HttpOnly, this host only, gone when the session must be. */
export async function setSessionCookie(session: StartedSession): Promise<void> {
  (await cookies()).set(sessionCookieName(), session.token, sessionCookieOptions(session.expiresAt));
}

/** Takes the token out of the browser. */
export async function removeSessionCookie(): Promise<void> {
  (await cookies()).set(sessionCookieName(), "", sessionCookieOptions(new Date(0)));
}

/** The token in this request's cookie, or null. */
export async function sessionTokenOfRequest(): Promise<string | null> {
  return (await cookies()).get(sessionCookieName())?.value ?? null;
}

export function sessionCookieOptions(expires: Date) {
  return { httpOnly: true, sameSite: "lax", secure: isSecureSite(), path: "/", expires } as const;
}
