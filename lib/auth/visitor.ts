import { isIPv4, isIPv6 } from "node:net";
import { env } from "../env";
import { sessionCookieName } from "./address";

/** Whoever calls before it is known who they are. */
export type Visitor = {
  ip: string | null;
  userAgent: string | null;
  requestId: string | null;
  /** The session token that the browser already holds; signing in again ends that session. */
  heldToken: string | null;
};

/** What is asked of a request's headers; a `Headers` and Next's `headers()` are both one. */
export type HeaderReader = { get(name: string): string | null };

/** Set by proxy.ts on every request, over whatever the caller sent: the path that a page may return to. */
export const pathHeader = "x-rollcall-path";

/** Set from the socket for every request, over whatever the caller sent under this name (instrumentation.ts). */
export const peerHeader = "x-rollcall-peer";

/** The visitor behind these headers. */
export function visitorOf(headers: HeaderReader): Visitor {
  return {
    ip: clientAddress(headers),
    userAgent: headers.get("user-agent")?.slice(0, 400) ?? null,
    requestId: headers.get("x-request-id"),
    heldToken: cookieOf(headers, sessionCookieName()),
  };
}

/** The value of the cookie `name`, or null. */
export function cookieOf(headers: HeaderReader, name: string): string | null {
  for (const part of (headers.get("cookie") ?? "").split(";")) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}

/**
 * The caller's address. X-Forwarded-For is believed only as far as ROLLCALL_TRUSTED_PROXIES hops, counted from the
 * nearest one: whatever stands further left was written by the caller.
 */
export function clientAddress(headers: HeaderReader): string | null {
  const forwarded = (headers.get("x-forwarded-for") ?? "").split(",").map((part) => part.trim());
  const peer = headers.get(peerHeader);
  const hops = peer === null ? forwarded : [...forwarded, peer];
  const seen = hops.map(plainAddress).filter((address) => address !== null);
  return seen.at(-1 - env().ROLLCALL_TRUSTED_PROXIES) ?? seen[0] ?? null;
}

/** What a limit counts by: the address, or of an IPv6 address its /64, which one household or attacker owns whole. */
export function networkOf(ip: string | null): string {
  if (ip === null || !isIPv6(ip)) return ip ?? "unknown";
  const [head = "", tail = ""] = ip.split("::");
  const left = head.split(":").filter(Boolean);
  const right = tail.split(":").filter(Boolean);
  const zeros = ip.includes("::") ? Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0") : [];
  const groups = [...left, ...zeros, ...right].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${groups.join(":")}::/64`;
}

function plainAddress(text: string): string | null {
  const bare = text
    .replace(/^\[([^\]]+)\](:\d+)?$/, "$1")
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, "$1")
    .replace(/%.*$/, "")
    .toLowerCase()
    .replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, "");
  return isIPv4(bare) || isIPv6(bare) ? bare : null;
}
