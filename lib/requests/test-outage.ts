import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { TestServer } from "../db/test-clusters";

// For tests: a real server that can be away and come back.

export type Outage = { server: TestServer; setAway(away: boolean): void };

/** The same server behind a way that can be cut: what is open breaks, and what is new is hung up on. */
export async function behindOutage(server: TestServer): Promise<Outage> {
  let away = false;
  const open = new Set<Socket>();
  const listener = createServer((socket) => {
    if (away) return void socket.destroy();
    const upstream = connect({ host: "127.0.0.1", port: server.port });
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      open.add(one);
      one.setNoDelay(true);
      one.on("error", () => undefined);
      one.once("close", () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as AddressInfo;
  const stop = async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => listener.close(resolve));
    await server.stop();
  };
  return {
    server: { ...server, port, stop },
    setAway: (now) => {
      away = now;
      if (now) for (const socket of open) socket.destroy();
    },
  };
}
