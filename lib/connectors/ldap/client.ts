import { type Client, type Control, type Filter, FilterParser } from "ldapts";
import { within } from "../../time-limit";
import { ConnectorError } from "../connector-error";
import type { Context } from "../contract";
import { addressOf } from "../network-failures";
import { connect } from "./connect";
import type { Entry } from "./entry";
import { notUnderstood, type Target, toConnectorError, tookTooLong, wasCut } from "./failures";
import { entryOf } from "./parse-entry";
import { type Secrets, type Settings, targetOf } from "./schema";
import { onSearchEnd, PageRequest, socketOf } from "./wire";

// No page comes near this; a server that sends more is cut off.
const longestAnswerBytes = 64 * 1024 * 1024;
const graceMs = 2_000;
// Servers may send a page without an entry in the middle, but not for ever.
const mostEmptyPages = 100;

export type Search = {
  base: string;
  scope: "base" | "one" | "sub";
  filter: Filter | string;
  attributes: readonly string[];
};

/** A connection to a directory, signed in. Every wait ends with the caller's signal and with a time limit. */
export type Session = {
  target: Target;
  encrypted: boolean;
  /** Entries in pages (RFC 2696). Referrals are not followed. */
  pages(search: Search): AsyncGenerator<Entry[]>;
  /** One entry by its name, or null where there is none for us. */
  entry(dn: string, attributes: readonly string[]): Promise<Entry | null>;
  /** Anything else that ldapts can do, within the same limits. `object`: what it is about. */
  run<T>(object: string | null, work: (client: Client) => Promise<T>): Promise<T>;
  close(): Promise<void>;
  /** It serves another call and ends with that one's signal; null: none for now, and it keeps no process alive. */
  serve(signal: AbortSignal | null): void;
};

/**
 * Connects, encrypts, and signs in: as the account that reads, or as the one that gives access. `asking` goes along with the
 * password, and is told what the directory answers to it.
 * @throws ConnectorError for whatever goes wrong here and later in the session
 */
export async function signIn(
  context: Context<Settings, Secrets>,
  as: "reads" | "gives" = "reads",
  asking: readonly Control[] = [],
): Promise<Session> {
  const { settings, signal } = context;
  const { bindDn, password } = whoSignsIn(context, as);
  const target: Target = { ...targetOf(settings), bindDn, object: null };
  // A name without a password would be let in as nobody (RFC 4513, 5.1.2), and see less without saying so.
  if (bindDn !== "" && password === "") throw withoutPassword(target);
  const deadline = within(settings.connectTimeoutSeconds * 1_000, signal);
  const client = await connect(settings, target, deadline);
  const wire = watch({ client, signal, target, limitMs: settings.requestTimeoutSeconds * 1_000 + graceMs });
  try {
    const bind = (client: Client) => client.bind(bindDn, password, [...asking]);
    await wire.run(null, bind, settings.connectTimeoutSeconds * 1_000);
  } catch (error) {
    await wire.close();
    throw error;
  }
  return sessionOver(wire, settings, target);
}

function whoSignsIn({ settings, secrets }: Context<Settings, Secrets>, as: "reads" | "gives") {
  if (as === "gives") return { bindDn: settings.provisionDn, password: secrets.provisionPassword };
  return { bindDn: settings.bindDn, password: secrets.password };
}

type Wire = {
  client: Client;
  run<T>(object: string | null, work: (client: Client) => Promise<T>, limitMs?: number): Promise<T>;
  close(): Promise<void>;
  serve(signal: AbortSignal | null): void;
};

/** Runs work on a client so that it ends with the signal, with a time limit, and with too long an answer. */
function watch(on: { client: Client; signal: AbortSignal; target: Target; limitMs: number }): Wire {
  const { client } = on;
  let signal: AbortSignal | null = on.signal;
  const socket = socketOf(client);
  if (!socket) throw wasCut(on.target, null);
  let broken: ConnectorError | null = null;
  let socketError: unknown = null;
  socket.on("error", (error) => {
    socketError ??= error;
  });
  return {
    client,
    async run(object, work, limitMs = on.limitMs) {
      const target = { ...on.target, object };
      const of = signal;
      const cut = (error: ConnectorError) => {
        broken ??= error;
        socket.destroy();
      };
      const stop = () => cut(tookTooLong(target, of?.reason));
      if (of?.aborted) stop();
      // ldapts would connect again by itself: as nobody, and without encryption.
      if (broken === null && (socket.destroyed || socketOf(client) !== socket)) broken = wasCut(target, socketError);
      if (broken) throw broken;
      const begin = socket.bytesRead;
      const limit = setTimeout(() => cut(tookTooLong(target, null)), limitMs);
      const size = setInterval(() => {
        if (socket.bytesRead - begin > longestAnswerBytes) cut(tooMuch(target));
      }, 20);
      of?.addEventListener("abort", stop, { once: true });
      try {
        return await work(client);
      } catch (error) {
        throw broken ?? (socket.destroyed ? asCut(socketError ?? error, target) : toConnectorError(error, target));
      } finally {
        clearTimeout(limit);
        clearInterval(size);
        of?.removeEventListener("abort", stop);
      }
    },
    async close() {
      if (!socket.destroyed) await client.unbind().catch(() => undefined);
      socket.destroy();
    },
    serve(next) {
      signal = next;
      if (next) socket.ref();
      else socket.unref();
    },
  };
}

function sessionOver(wire: Wire, settings: Settings, target: Target): Session {
  let cookie: Buffer = Buffer.alloc(0);
  onSearchEnd(wire.client, (next) => {
    cookie = next;
  });
  const ask = (search: Search, controls: PageRequest[]) =>
    wire.run(search.base, (client) =>
      client.search(
        search.base,
        {
          scope: search.scope,
          filter: typeof search.filter === "string" ? filterOf(search.filter) : search.filter,
          derefAliases: "never",
          timeLimit: settings.requestTimeoutSeconds,
          attributes: [...search.attributes],
          explicitBufferAttributes: ["objectGUID", "objectSid", "userCertificate", "userCertificate;binary"],
        },
        controls,
      ),
    );
  return {
    target,
    encrypted: settings.security !== "plain",
    run: (object, work) => wire.run(object, work),
    close: () => wire.close(),
    serve: (signal) => wire.serve(signal),
    async *pages(search) {
      const seen = new Set<string>();
      cookie = Buffer.alloc(0);
      for (let empty = 0; ; ) {
        const { searchEntries } = await ask(search, [new PageRequest(settings.pageSize, cookie)]);
        const next = cookie;
        empty = searchEntries.length === 0 ? empty + 1 : 0;
        if (searchEntries.length > 0) yield searchEntries.map(entryOf);
        if (next.length === 0) return;
        if (empty > mostEmptyPages) throw notUnderstood({ ...target, object: search.base }, "its pages never end");
        refuseTurns(seen, searchEntries[0]?.dn, { ...target, object: search.base });
        // Another search on this connection may have gone by while the caller worked on the page.
        cookie = next;
      }
    },
    async entry(dn, attributes) {
      try {
        const { searchEntries } = await ask({ base: dn, scope: "base", filter: "(objectClass=*)", attributes }, []);
        return searchEntries[0] ? entryOf(searchEntries[0]) : null;
      } catch (error) {
        if (error instanceof ConnectorError && error.code === "invalid") return null;
        throw error;
      }
    },
  };
}

// A server that begins again from the front would be read for ever.
function refuseTurns(seen: Set<string>, first: string | undefined, target: Target): void {
  if (first === undefined) return;
  if (seen.has(first)) throw notUnderstood(target, `it sent the page that begins with ${first} twice`);
  seen.add(first);
}

/** A filter as a person writes it (RFC 4515): `\c3\a9` is one letter. */
export function filterOf(text: string): Filter {
  const decoded = text.replaceAll(/(?:\\[89a-f][0-9a-f])+/gi, (bytes) =>
    Buffer.from(bytes.replaceAll("\\", ""), "hex").toString("utf8"),
  );
  return FilterParser.parseString(decoded);
}

// ldapts names a connection that ended under it in words only.
function asCut(error: unknown, target: Target): ConnectorError {
  const known = (error as { code?: unknown } | null)?.code;
  if (typeof known === "string" && known !== "ECONNRESET" && known !== "EPIPE") return toConnectorError(error, target);
  return wasCut(target, error);
}

function withoutPassword(target: Target): ConnectorError {
  return new ConnectorError("credentials", `there is no password for "${target.bindDn}" at ${addressOf(target)}`, {
    remedy: "Enter the account's password; to read as nobody, leave the name empty too.",
    object: addressOf(target),
  });
}

function tooMuch(target: Target): ConnectorError {
  return new ConnectorError("limit", `${addressOf(target)} sent more than 64 MB in one answer`, {
    remedy: "Lower the entries in one answer.",
    object: target.object ?? addressOf(target),
  });
}
