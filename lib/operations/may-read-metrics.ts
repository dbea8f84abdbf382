import { createHash, timingSafeEqual } from "node:crypto";
import { clientAddress, type HeaderReader } from "../auth/visitor";
import { env } from "../env";

/** May this caller read the metrics? With a token set, only its bearer; without one, only this machine itself. */
export function mayReadMetrics(headers: HeaderReader): boolean {
  const wanted = env().METRICS_TOKEN;
  if (!wanted) return isLoopback(clientAddress(headers)) && !wasForwarded(headers);
  const given = /^Bearer (\S+)$/i.exec(headers.get("authorization") ?? "")?.[1] ?? "";
  return timingSafeEqual(digest(given), digest(wanted));
}

function isLoopback(address: string | null): boolean {
  return address !== null && (address === "::1" || address.startsWith("127."));
}

// A proxy on this machine calls from this machine; who it calls for stands in the header, believed or not.
function wasForwarded(headers: HeaderReader): boolean {
  const hops = (headers.get("x-forwarded-for") ?? "").split(",").map((hop) => hop.trim());
  return hops.some((hop) => hop !== "" && !isLoopback(hop.replace(/^::ffff:/, "")));
}

// Of equal length whatever was sent, as the comparison asks for.
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
