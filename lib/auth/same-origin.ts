import { env } from "../env";
import { AppError } from "../errors";
import type { HeaderReader } from "./visitor";

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses an unsafe call that carries the session cookie and did not come from a page of this site. A browser always
 * tells where such a call comes from; one that tells nothing is refused too. X-Forwarded-Host is never looked at.
 * @throws AppError `forbidden`
 */
export function assertSameOrigin(method: string, headers: HeaderReader): void {
  if (safeMethods.has(method.toUpperCase())) return;
  const site = headers.get("sec-fetch-site");
  const origin = headers.get("origin");
  if (site !== null && site !== "same-origin") throw otherOrigin();
  if (origin === null ? site === null : !isOwnOrigin(origin, headers.get("host"))) throw otherOrigin();
}

function isOwnOrigin(origin: string, host: string | null): boolean {
  const own = env().NEXTAUTH_URL;
  if (own) return origin === new URL(own).origin;
  const url = URL.canParse(origin) ? new URL(origin) : null;
  return url !== null && host !== null && url.host === host.toLowerCase();
}

function otherOrigin(): AppError {
  const own = env().NEXTAUTH_URL;
  return new AppError("forbidden", "This call did not come from a page of this Rollcall, so it was not carried out.", {
    remedy: own
      ? `Open Rollcall at ${new URL(own).origin} and try again there.`
      : "Open Rollcall in this browser and try again there. Behind a proxy, set NEXTAUTH_URL to the public address.",
  });
}
