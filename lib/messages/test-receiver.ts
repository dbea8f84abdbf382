import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { system } from "../auth/actor";
import { type Tx, transaction } from "../db/client";
import { createChannel } from "./create-channel";
import { deliverMessage } from "./deliver-message";
import type { ChannelKind, MessageEvent } from "./schema";
import type { RequestFacts } from "./templates/facts";

export type Received = { path: string; headers: IncomingHttpHeaders; body: string };
export type Reply = { status: number; body?: string; headers?: Record<string, string> } | "hang" | "cut";

/** For tests: a server on loopback that keeps what it is sent and answers as told: by the next reply, then by the last. */
export async function startReceiver(...replies: Reply[]) {
  const received: Received[] = [];
  const queue = [...replies];
  let last: Reply = { status: 200, body: "ok" };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      received.push({ path: request.url ?? "", headers: request.headers, body: Buffer.concat(parts).toString() });
      last = queue.shift() ?? last;
      if (last === "hang") return;
      if (last === "cut") return void request.socket.destroy();
      response.writeHead(last.status, last.headers).end(last.body ?? "");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    received,
    url: `http://127.0.0.1:${port}/hook/9f8e7d6c5b4a`,
    answerWith: (...next: Reply[]) => queue.push(...next),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** For tests: a channel of `kind` that posts to `url` on this machine. */
export async function channelTo(kind: ChannelKind, url: string, events: MessageEvent[] = ["request.waiting"]) {
  const name = `${kind} ${Math.random().toString(36).slice(2)}`;
  return createChannel(system("test"), { name, kind, url, events, allowPrivateHost: true });
}

/** For tests: work in a transaction, and the deliveries that it ordered tried once each. */
export async function sendAndDeliver<T extends { deliveries: string[] }>(work: (tx: Tx) => Promise<T>): Promise<T> {
  const sent = await transaction(work);
  for (const deliveryId of sent.deliveries) await deliverMessage(system("test"), { deliveryId });
  return sent;
}

/** For tests: a request of an ordinary person. */
export const aRequest: RequestFacts = {
  id: "0198",
  subject: "Ann Example",
  requestedBy: "Ann Example",
  what: [{ entitlement: "SELECT on billing.invoices", system: "warehouse", environment: "production" }],
  reason: "The invoice run of October has to be checked",
  ticket: "FIN-42",
  durationMs: 8 * 3_600_000,
  startsAt: null,
  longerThan: null,
  opens: { count: 1, capped: false, first: ["SELECT on billing.invoices"], held: null },
  conflicts: [],
  path: "/requests/0198",
};
