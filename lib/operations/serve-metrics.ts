import { createServer } from "node:http";
import { peerHeader } from "../auth/visitor";
import { log } from "../log";
import { mayReadMetrics } from "./may-read-metrics";
import { renderProcessMetrics } from "./metrics";

/** Where a process without pages shows its figures, and the end of that. */
export type MetricsServer = { port: number; close(): void };

/**
 * Answers `GET /metrics` with the figures of this process, to whoever may read those of the web process: a worker has no
 * other door. A port that is taken is said in the log and ends nothing.
 */
export function serveMetrics(host: string, port: number): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const headers = new Headers({ [peerHeader]: request.socket.remoteAddress ?? "" });
    for (const name of ["authorization", "x-forwarded-for"]) {
      const value = request.headers[name];
      if (value !== undefined) headers.set(name, String(value));
    }
    const isKnown = request.method === "GET" && request.url?.split("?")[0] === "/metrics";
    if (!isKnown) return response.writeHead(404).end();
    if (!mayReadMetrics(headers)) return response.writeHead(401, { "www-authenticate": "Bearer" }).end();
    return renderProcessMetrics().then(
      ({ text, contentType }) =>
        response.writeHead(200, { "content-type": contentType, "cache-control": "no-store" }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  return new Promise((resolve) => {
    server.once("error", (error) => {
      log().error({ err: error, port }, "the metrics of this process cannot be read");
      resolve({ port: 0, close: () => undefined });
    });
    server.listen(port, host, () => {
      const address = server.address();
      const taken = typeof address === "object" && address ? address.port : port;
      resolve({ port: taken, close: () => server.close() });
    });
  });
}
