import { type AddressInfo, connect, createServer, type Socket } from "node:net";

// For tests: a way to a real server that calls somebody at an exact moment of the conversation.

/** `held`: before the server has it, which then gets it when the call has ended. */
export type Moment = "before" | "after" | "held";

export type KillingProxy = {
  port: number;
  /** Once, when a statement with `words` comes by. */
  at(words: string, moment: Moment, call: () => Promise<void>): void;
  /** How many messages with these words came by. */
  heard(words: string): number;
  stop(): Promise<void>;
};

/** Listens on a free port and passes everything on to `port`. */
export function startKillingProxy(port: number): Promise<KillingProxy> {
  let armed: { words: string; moment: Moment; call: () => Promise<void> } | null = null;
  const sockets = new Set<Socket>();
  const messages: Buffer[] = [];
  const server = createServer((socket) => {
    const upstream = connect({ host: "127.0.0.1", port });
    let answering: (() => Promise<void>) | null = null;
    for (const one of [socket, upstream]) {
      sockets.add(one);
      one.on("error", () => undefined);
      one.once("close", () => {
        sockets.delete(one);
        (one === socket ? upstream : socket).destroy();
      });
    }
    socket.on("data", (data) => {
      messages.push(data);
      const hit = armed && data.includes(armed.words) ? armed : null;
      if (hit) armed = null;
      if (hit?.moment === "before") return void hit.call();
      if (hit?.moment === "held") return void hit.call().then(() => upstream.write(data));
      if (hit) answering = hit.call;
      upstream.write(data);
    });
    upstream.on("data", (data) => {
      if (answering) return void answering();
      socket.write(data);
    });
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () =>
      resolve({
        port: (server.address() as AddressInfo).port,
        at: (words, moment, call) => {
          armed = { words, moment, call };
        },
        heard: (words) => messages.filter((message) => message.includes(words)).length,
        stop: () =>
          new Promise((done) => {
            for (const socket of sockets) socket.destroy();
            server.close(() => done());
          }),
      }),
    );
  });
}
