import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

// For tests: what answers where a PostgreSQL is expected, as far as it takes to misbehave
// (PostgreSQL, "Frontend/Backend Protocol").

/** A listener on a free port; `stop` also cuts whoever is connected. */
export type Impostor = { port: number; stop(): Promise<void> };

/** Listens, and gives every connection to `greet`. */
export function startImpostor(greet: (socket: Socket) => void): Promise<Impostor> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
    greet(socket);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      const stop = () =>
        new Promise<void>((done) => {
          for (const socket of sockets) socket.destroy();
          server.close(() => done());
        });
      resolve({ port, stop });
    });
  });
}

/** A server that lets everybody in and then gives each statement to `answer`. */
export function lettingIn(answer: (sql: string, socket: Socket) => void): (socket: Socket) => void {
  return (socket) => {
    let started = false;
    socket.on("data", (data) => {
      if (data.length === 8 && data.readInt32BE(4) === 80_877_103) return void socket.write("N");
      if (!started) {
        started = true;
        return void socket.write(Buffer.concat([message("R", Buffer.from([0, 0, 0, 0])), ready]));
      }
      if (data.toString("latin1", 0, 1) === "Q") answer(data.toString("utf8", 5, data.length - 1), socket);
    });
  };
}

/** A message: its letter, its length, its body. */
export function message(letter: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(letter);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

export const ready = message("Z", Buffer.from("I"));
export const done = Buffer.concat([message("C", Buffer.from("SET\0")), ready]);

/** An answer of one row with one text column. */
export function oneText(column: string, value: string): Buffer {
  const facts = Buffer.alloc(18);
  facts.writeInt32BE(25, 6);
  facts.writeInt16BE(-1, 10);
  facts.writeInt32BE(-1, 12);
  const one = Buffer.from([0, 1]);
  const length = Buffer.alloc(4);
  length.writeInt32BE(Buffer.byteLength(value));
  return Buffer.concat([
    message("T", Buffer.concat([one, Buffer.from(`${column}\0`), facts])),
    message("D", Buffer.concat([one, length, Buffer.from(value)])),
    done,
  ]);
}
