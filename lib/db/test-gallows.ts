import { type AddressInfo, connect, createServer, type Socket } from "node:net";

// For tests: ways to our database and to systems that know at which word of a run a process is to be killed. What a process
// does is a row of such words: its commits and writes here, and whatever it says to a system.

export type Place = "database" | "target" | "order";
/** `before` the server has the word; `after` it did what was said, and before anybody hears of it. */
export type Moment = "before" | "after";

export type Gallows = {
  /** Kills at the nth word from now on that is said at one of these places. */
  arm(at: { nth: number; moment: Moment; places: readonly Place[] }, kill: () => Promise<void>): void;
  /** Nobody is killed any more: who was to be at a word said after all was done is there again. */
  rest(): Promise<void>;
  /** Was somebody killed since? */
  fell(): boolean;
  /** The words since then, as far as they were said at those places. */
  words(): string[];
};

export type Way = { port: number; open(): void; stop(): Promise<void> };

type Armed = {
  nth: number;
  moment: Moment;
  places: readonly Place[];
  kill: () => Promise<void>;
  falls: Promise<void> | null;
};

/** Ways that are watched together. */
export function makeGallows(): Gallows & {
  way: (to: { port: number; place: Place; closed?: boolean }) => Promise<Way>;
} {
  let armed: Armed | null = null;
  const words: string[] = [];
  const reach = (place: Place, word: string): Moment | null => {
    if (!armed?.places.includes(place)) return null;
    words.push(word);
    return armed.falls || words.length - 1 !== armed.nth ? null : armed.moment;
  };
  // Once, though an answer that comes in several pieces is heard several times.
  const fall = async () => {
    if (!armed) return;
    armed.falls ??= armed.kill();
    await armed.falls;
  };
  return {
    arm: (at, kill) => {
      words.length = 0;
      armed = { ...at, kill, falls: null };
    },
    rest: async () => {
      if (!armed) return;
      armed.nth = -1;
      await armed.falls;
    },
    fell: () => armed?.falls != null,
    words: () => [...words],
    way: (to) => watchedWay(to, reach, fall),
  };
}

type To = { port: number; place: Place; closed?: boolean };

async function watchedWay(
  { port, place, closed = false }: To,
  reach: (place: Place, word: string) => Moment | null,
  fall: () => Promise<void>,
): Promise<Way> {
  const sockets = new Set<Socket>();
  const waiting: (() => void)[] = [];
  let isOpen = !closed;
  const pass = (socket: Socket) => {
    const upstream = connect({ host: "127.0.0.1", port });
    let answering = false;
    const listen = place === "database" ? commitsOf() : place === "target" ? saidTo : writes;
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      sockets.add(one);
      one.setNoDelay(true);
      one.on("error", () => undefined);
      one.once("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    socket.on("data", (data) => {
      const word = listen(data);
      const moment = word === null ? null : reach(place, word);
      if (moment === "before") return void fall().then(() => socket.destroy());
      answering = moment === "after";
      upstream.write(data);
    });
    upstream.on("data", (data) => {
      if (answering) return void fall().then(() => socket.destroy());
      socket.write(data);
    });
  };
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    if (isOpen) return pass(socket);
    sockets.add(socket);
    socket.pause();
    waiting.push(() => {
      if (socket.destroyed) return;
      pass(socket);
      socket.resume();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    open: () => {
      isOpen = true;
      for (const go of waiting.splice(0)) go();
    },
    stop: () =>
      new Promise((done) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => done());
      }),
  };
}

// Of a connection to our database: a commit of what a run or a grant stands on.
function commitsOf(): (data: Buffer) => string | null {
  let said = "";
  return (data) => {
    const text = data.toString("latin1");
    if (/\bBEGIN\b/.test(text)) said = "";
    said += text;
    if (!/\bCOMMIT\b/.test(text)) return null;
    const about = /offboarding_steps|offboardings|managed_accesses|"grants"/.exec(said)?.[0] ?? null;
    said = "";
    return about === null ? null : `commit of ${about}`;
  };
}

// Of whoever takes an order: all that is written, and the commits.
function writes(data: Buffer): string | null {
  return /\b(INSERT INTO|UPDATE|add_job|COMMIT|for update)\b[^$]{0,60}/i.exec(data.toString("latin1"))?.[0] ?? null;
}

// What changes a system, what it says of an account or an access, and a sign-in to a directory: of PostgreSQL a simple query
// or one to parse. What only finds its way there is between two of these.
const weighty = /^(begin|commit|alter|revoke|drop|select (a\.pid, pg_terminate|r\.rolname|account\.name))/i;
const requests: Record<number, string> = { 96: "bind", 102: "modify", 74: "delete" };

function saidTo(data: Buffer): string | null {
  const first = String.fromCharCode(data[0] ?? 0);
  if (first === "Q" || first === "P") {
    const statement = data
      .subarray(5, 80)
      .toString("latin1")
      .replace(/[\0\s]+/g, " ")
      .trim();
    return weighty.test(statement) ? statement : null;
  }
  // A message of BER (RFC 4511, 5.1): its length, its number, and the request.
  if (data[0] !== 0x30) return null;
  const at = 2 + ((data[1] ?? 0) > 0x80 ? (data[1] ?? 0) - 0x80 : 0);
  return requests[data[at + 2 + (data[at + 1] ?? 0)] ?? 0] ?? null;
}
