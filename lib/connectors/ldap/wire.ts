import { EventEmitter } from "node:events";
import { Socket } from "node:net";
import { type BerWriter, type Client, Control, PagedResultsControl, SearchResponse, BerWriter as Writer } from "ldapts";

// What ldapts does not show of itself, in one place. Its version is pinned, and the tests of limits and paging fail if
// these are not there any more.

/** The socket that a client talks over now. */
export function socketOf(client: Client): Socket | null {
  const socket: unknown = Reflect.get(client, "socket");
  return socket instanceof Socket ? socket : null;
}

/** Connects, and encrypts where the address says so, without sending anything yet. */
export async function openConnection(client: Client): Promise<void> {
  const connect: unknown = Reflect.get(client, "_connect");
  if (typeof connect !== "function") throw new Error("ldapts has changed: it cannot be told to connect");
  await connect.call(client);
}

/** Calls `tell` with each end of a search, and with the cookie of the next page: empty where there is none. */
export function onSearchEnd(client: Client, tell: (cookie: Buffer) => void): void {
  const parser: unknown = Reflect.get(client, "messageParser");
  if (!(parser instanceof EventEmitter)) throw new Error("ldapts has changed: it has no message parser");
  parser.on("message", (message: unknown) => {
    if (!(message instanceof SearchResponse)) return;
    const page = [message.controls ?? []].flat().find((control) => control instanceof PagedResultsControl);
    tell(page?.value?.cookie ?? Buffer.alloc(0));
  });
  // What cannot be parsed would otherwise only be logged, and the call would wait for ever.
  parser.on("error", (error: unknown) => socketOf(client)?.destroy(error instanceof Error ? error : undefined));
}

/**
 * The request for a page (RFC 2696). ldapts' own paging takes an empty page for the last one, and servers do send empty
 * pages in the middle.
 */
export class PageRequest extends Control {
  private readonly size: number;
  private readonly cookie: Buffer;

  constructor(size: number, cookie: Buffer) {
    super(PagedResultsControl.type, { critical: true });
    this.size = size;
    this.cookie = cookie;
  }

  override writeControl(writer: BerWriter): void {
    const value = new Writer();
    value.startSequence();
    value.writeInt(this.size);
    value.writeBuffer(this.cookie, 4);
    value.endSequence();
    writer.writeBuffer(value.buffer, 4);
  }
}
