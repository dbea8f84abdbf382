import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";
import { databaseAwayAtMs } from "../db/client";
import { log } from "../log";
import { nowMs } from "../time";
import { observeRequest } from "./metrics";

/** What the HTTP server publishes. */
type Exchange = { request: IncomingMessage; response: ServerResponse };

const longestRouteList = 300;
const seenRoutes = new Set<string>();
let watching = false;

/**
 * Watches every request that this process receives, beneath the framework: one log line and one observation when it
 * is answered. And a page that failed because the database went away under it is answered with 503 and Retry-After
 * where the framework would say 500, so that people, proxies and monitors know that another try will do.
 */
export function watchRequests(): void {
  if (watching) return;
  watching = true;
  subscribe("http.server.request.start", (message) => {
    const { request, response } = message as Exchange;
    const startedAtMs = nowMs();
    sayUnavailable(response, startedAtMs);
    response.once("close", () => note(request, response, nowMs() - startedAtMs));
  });
}

function note(request: IncomingMessage, response: ServerResponse, durationMs: number): void {
  // Never the query: it may hold what only the caller should know.
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  const method = request.method ?? "GET";
  const status = response.headersSent ? response.statusCode : 499;
  observeRequest({ method, route: routeOf(path, status), status, seconds: durationMs / 1_000 });
  const requestId = response.getHeader("x-request-id");
  const level = status >= 500 ? "warn" : path.startsWith("/_next/") || isProbe(path) ? "debug" : "info";
  log()[level]({ requestId, method, path: path.slice(0, 500), status, durationMs }, "request answered");
}

function isProbe(path: string): boolean {
  return path === "/api/health" || path === "/api/ready" || path === "/metrics";
}

function sayUnavailable(response: ServerResponse, startedAtMs: number): void {
  const writeHead = response.writeHead.bind(response);
  // The signature has overloads for a status text and headers, which only pass through.
  response.writeHead = ((status: number, ...rest: []) => {
    if (status !== 500 || databaseAwayAtMs() < startedAtMs) return writeHead(status, ...rest);
    response.statusCode = 503;
    response.setHeader("retry-after", "2");
    return writeHead(503, ...rest);
  }) as typeof response.writeHead;
}

/**
 * The path with its ids taken out. What callers make up must not fill the memory of whatever counts by it: paths that
 * are not found, and any beyond the first few hundred, are counted as one.
 */
export function routeOf(path: string, status: number): string {
  if (status === 404 || status === 405) return "other";
  if (path.startsWith("/_next/")) return "/_next";
  const route = path
    .split("/")
    .slice(0, 7)
    .map((part) => (/^[a-z][a-z_-]{0,30}$/.test(part) || /^v\d$/.test(part) || part === "" ? part : ":id"))
    .join("/");
  if (!seenRoutes.has(route) && seenRoutes.size >= longestRouteList) return "other";
  seenRoutes.add(route);
  return route;
}
