import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { peerHeader } from "./visitor";

let noting = false;

/**
 * Writes the socket's address into a header of every HTTP request this process receives, over whatever the caller sent
 * there. Next.js shows a route no socket, and keeps an X-Forwarded-For that the caller made up; without this, limits
 * by address could be passed with one header.
 */
export function notePeers(): void {
  if (noting) return;
  noting = true;
  subscribe("http.server.request.start", (message) => {
    const { request } = message as { request: IncomingMessage };
    request.headers[peerHeader] = request.socket.remoteAddress ?? "";
  });
}
