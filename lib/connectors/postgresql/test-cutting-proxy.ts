import { type AddressInfo, connect, createServer, type Socket } from "node:net";

// For tests: a way to a real server that is cut off in the middle.

export type CuttingProxy = {
  port: number;
  /** From now on, the connection that sends the `messages`th message is cut: before it arrives, or after. */
  cutAt(messages: number, when: "before" | "after"): void;
  /** Was it cut since? */
  wasCut(): boolean;
  stop(): Promise<void>;
};

/** Listens on a free port and passes everything on to `port`. */
export function startCuttingProxy(port: number): Promise<CuttingProxy> {
  let left = Number.POSITIVE_INFINITY;
  let when: "before" | "after" = "before";
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const upstream = connect({ host: "127.0.0.1", port });
    for (const one of [socket, upstream]) {
      sockets.add(one);
      one.on("error", () => undefined);
      one.once("close", () => {
        sockets.delete(one);
        (one === socket ? upstream : socket).destroy();
      });
    }
    upstream.on("data", (data) => socket.write(data));
    socket.on("data", (data) => {
      left -= 1;
      if (left > 0) return void upstream.write(data);
      if (when === "before") return void socket.destroy();
      // It arrives, and its answer never comes.
      upstream.removeAllListeners("data");
      upstream.once("data", () => socket.destroy());
      upstream.write(data);
    });
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      resolve({
        port: (server.address() as AddressInfo).port,
        cutAt: (messages, at) => {
          left = messages;
          when = at;
        },
        wasCut: () => left <= 0,
        stop: () =>
          new Promise((done) => {
            for (const socket of sockets) socket.destroy();
            server.close(() => done());
          }),
      });
    });
  });
}
