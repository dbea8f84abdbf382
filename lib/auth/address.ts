import { env } from "../env";

/** The address at which people reach this installation: NEXTAUTH_URL, or localhost and the port. */
export function siteAddress(): URL {
  return new URL(env().NEXTAUTH_URL ?? `http://localhost:${env().PORT}`);
}

/** Do people reach this installation by https? Decides the cookie, its `Secure` and HSTS. */
export function isSecureSite(): boolean {
  return siteAddress().protocol === "https:";
}

/** The session cookie's name. `__Host-` binds it to this very host (RFC 6265bis, section 4.1.3.2); it needs https. */
export function sessionCookieName(): string {
  return isSecureSite() ? "__Host-rollcall" : "rollcall";
}

/**
 * A path on this site to return to after signing in, or "/" when `text` is anything else: another site, a script, the
 * API, or the sign-in pages themselves.
 */
export function safeReturnPath(text: string | null | undefined): string {
  if (!text || text.length > 2_000 || !/^\/(?![/\\])/.test(text) || /[\\\u0000-\u001f]/.test(text)) return "/";
  const base = "http://here.invalid";
  if (!URL.canParse(text, base)) return "/";
  const url = new URL(text, base);
  if (url.origin !== base || /^\/(api|sign-in|_next)(\/|$)/.test(url.pathname)) return "/";
  return url.pathname.startsWith("//") ? "/" : url.pathname + url.search;
}
