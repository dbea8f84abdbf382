import { type AddressInfo, connect, createServer, type Socket } from "node:net";

// For tests: a way to a real server whose answers come a byte a second while it drips, and at once otherwise.

export type Dripping = {
  port: number;
  /** From so many answered bytes on. */
  dripAfter(bytes: number): void;
  flow(): void;
  isDripping(): boolean;
  stop(): Promise<void>;
};

const everyMs = 1_000;

/** A way to the server at `port` of this machine. Whatever is open drips too, and flows again. */
export async function startDripping(port: number): Promise<Dripping> {
  let bytesLeft = Number.POSITIVE_INFINITY;
  const open = new Set<Socket>();
  const held = new Map<Socket, Buffer>();
  const timer = setInterval(() => {
    for (const [socket, waiting] of held) {
      if (waiting.length === 0) continue;
      socket.write(waiting.subarray(0, 1));
      held.set(socket, waiting.subarray(1));
    }
  }, everyMs);
  const server = createServer((socket) => {
    const upstream = connect({ host: "127.0.0.1", port });
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      open.add(one);
      one.setNoDelay(true);
      one.on("error", () => undefined);
      one.once("close", () => {
        open.delete(one);
        held.delete(one);
        other.destroy();
      });
    }
    socket.pipe(upstream);
    upstream.on("data", (data) => {
      const now = data.subarray(0, Math.max(0, held.has(socket) ? 0 : bytesLeft));
      bytesLeft -= data.length;
      if (now.length > 0) socket.write(now);
      if (now.length === data.length) return;
      held.set(socket, Buffer.concat([held.get(socket) ?? Buffer.alloc(0), data.subarray(now.length)]));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    dripAfter: (bytes) => {
      bytesLeft = bytes;
    },
    isDripping: () => bytesLeft < 0,
    flow: () => {
      bytesLeft = Number.POSITIVE_INFINITY;
      for (const [socket, waiting] of held) socket.write(waiting);
      held.clear();
    },
    stop: async () => {
      clearInterval(timer);
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
