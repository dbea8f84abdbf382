import { type AddressInfo, createServer, type Socket } from "node:net";
import { BerReader, BerWriter } from "ldapts";

// For tests: what answers where a directory is expected, as far as it takes to misbehave (RFC 4511).

export type Impostor = { port: number; stop(): Promise<void> };
/** A request: its number, its operation, and a count of the searches so far. */
export type Request = { id: number; operation: number; search: number };

export const searchOperation = 0x63;

/** Listens, and gives every connection to `greet`. */
export function startImpostor(greet: (socket: Socket) => void): Promise<Impostor> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
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

/** A directory that lets everybody in, describes itself, and gives each later search to `answer`. */
export function lettingIn(answer: (request: Request, socket: Socket) => void): (socket: Socket) => void {
  let search = 0;
  return (socket) => {
    socket.on("data", (data: Buffer) => {
      const reader = new BerReader(data);
      reader.readSequence();
      const id = reader.readInt() ?? 0;
      const operation = reader.readSequence() ?? 0;
      if (operation === 0x60) return void socket.write(result(id, 0x61));
      if (operation !== searchOperation) return;
      search++;
      if (search === 1) return void socket.write(found(id, "", { namingContexts: "dc=x", objectClass: "top" }));
      if (search === 2) return void socket.write(found(id, "dc=x", { objectClass: "domain" }));
      // The third asks for password policies.
      if (search === 3) return void socket.write(result(id, 0x65));
      answer({ id, operation, search: search - 3 }, socket);
    });
  };
}

/** One entry, and the end of the search. */
export function found(id: number, dn: string, attributes: Record<string, string>, cookie?: string): Buffer {
  return Buffer.concat([entry(id, dn, attributes), result(id, 0x65, cookie)]);
}

export function entry(id: number, dn: string, attributes: Record<string, string>): Buffer {
  return message(id, (writer) => {
    writer.startSequence(0x64);
    writer.writeString(dn);
    writer.startSequence();
    for (const [name, value] of Object.entries(attributes)) {
      writer.startSequence();
      writer.writeString(name);
      writer.startSequence(0x31);
      writer.writeString(value);
      writer.endSequence();
      writer.endSequence();
    }
    writer.endSequence();
    writer.endSequence();
  });
}

/** The end of an operation, with the cookie of a further page. */
export function result(id: number, operation: number, cookie?: string): Buffer {
  return message(id, (writer) => {
    writer.startSequence(operation);
    writer.writeEnumeration(0);
    writer.writeString("");
    writer.writeString("");
    writer.endSequence();
    if (cookie === undefined) return;
    const value = new BerWriter();
    value.startSequence();
    value.writeInt(0);
    value.writeString(cookie);
    value.endSequence();
    writer.startSequence(0xa0);
    writer.startSequence();
    writer.writeString("1.2.840.113556.1.4.319");
    writer.writeBuffer(value.buffer, 4);
    writer.endSequence();
    writer.endSequence();
  });
}

function message(id: number, write: (writer: BerWriter) => void): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(id);
  write(writer);
  writer.endSequence();
  return writer.buffer;
}
