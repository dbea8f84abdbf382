import { setMaxListeners } from "node:events";
import { Socket } from "node:net";
import { checkServerIdentity } from "node:tls";
import pg from "pg";
import type { z } from "zod";
import { ConnectorError } from "../connector-error";
import type { Context } from "../contract";
import { addressOf, hangs, type Target, toConnectorError } from "./failures";
import { noteReached, type Reached, reachServer } from "./reach-server";
import type { Secrets, Settings } from "./schema";

/** What the sessions of this connector are called in pg_stat_activity. */
export const applicationNames = { reads: "rollcall reads the roll", gives: "rollcall gives and takes access" } as const;

// No fetch of a cursor comes near this; a server that sends more is cut off.
const longestAnswerBytes = 32 * 1024 * 1024;
const rowsPerFetch = 1_000;
// The server ends a statement first; this is for a server that does not.
const graceMs = 2_000;

/** One signed-in session with one database. What is asked at once is answered in its order. Every wait ends with the caller's signal and with a time limit. */
export type Session = {
  database: string;
  /** All rows of a small answer. */
  all<Row>(sql: string, row: z.ZodType<Row>): Promise<Row[]>;
  /** The rows of an answer of any size, a thousand at a time, after `takeSnapshot`. */
  pages<Row>(sql: string, row: z.ZodType<Row>): AsyncGenerator<Row[]>;
  /** One unchanging view of the database, until `close`. */
  takeSnapshot(): Promise<void>;
  /** Statements whose answer does not matter. Several in one text are one transaction, unless they say otherwise. */
  run(sql: string): Promise<void>;
  /** The rows of one statement with parameters. */
  ask<Row>(sql: string, parameters: unknown[], row: z.ZodType<Row>): Promise<Row[]>;
  close(): Promise<void>;
};

/** A session of its own: how the cluster was reached, for saying so, and whose call it serves. */
export type SignedIn = Session & {
  encrypted: boolean;
  /** No call is in it: it keeps no process alive. */
  rest(): void;
  /** It serves another call, and ends with that one's signal. */
  resume(signal: AbortSignal): void;
};

/** With which of the two roles: the one that reads, or the one that gives and takes. */
export type Role = keyof typeof applicationNames;

/**
 * Signs in to `database`.
 * @throws ConnectorError for whatever goes wrong here and later in the session
 */
export async function signIn(
  context: Context<Settings, Secrets>,
  database: string,
  role: Role = "reads",
): Promise<SignedIn> {
  const { settings, secrets, signal } = context;
  const user = role === "reads" ? settings.user : settings.provisionUser;
  const password = role === "reads" ? secrets.password : secrets.provisionPassword;
  const target: Target = { host: settings.host, port: settings.port, user, database };
  const reached = await reachServer(settings, signal);
  const socket = new Socket();
  const client = new pg.Client({
    host: reached.address,
    port: settings.port,
    user,
    // A function, so that an empty one is not filled in from PGPASSWORD or a file of other servers' passwords.
    password: () => password,
    database,
    application_name: applicationNames[role],
    ssl: encryption(settings, reached),
    stream: () => socket,
    // What gives and takes sends statements behind one another, and waits for their answers together.
    pipeline: role === "gives",
  });
  const wire = watch({ client, socket, signal, target });
  await wire
    .run(() => client.connect(), settings.connectTimeoutSeconds * 1_000)
    .catch((error: ConnectorError) => {
      noteReached(settings, null);
      throw error.code === "protocol" && password === "" ? withoutPassword(target, error) : error;
    });
  noteReached(settings, reached);
  const statementMs = settings.statementTimeoutSeconds * 1_000;
  const send = (sql: string, values?: unknown[]) => wire.run(() => client.query(sql, values), statementMs + graceMs);
  const prepared = send(preamble(statementMs, role));
  // It is sent ahead of whatever comes first, and answered with it.
  const run = async (sql: string, values?: unknown[]) => (await Promise.all([send(sql, values), prepared]))[0];
  const session = sessionOver(run, target, () => end(client, socket));
  prepared.catch(session.close);
  if (role === "reads") await prepared;
  return {
    ...session,
    encrypted: reached.encrypted,
    rest: () => {
      wire.serve(null);
      socket.unref();
    },
    resume: (next) => {
      wire.serve(next);
      socket.ref();
    },
  };
}

// Names are quoted one way, expressions have full names, readers change nothing, and givers hold no lock for long.
function preamble(statementMs: number, role: Role): string {
  const isReader = role === "reads";
  return `set statement_timeout = ${statementMs}; set lock_timeout = '10s';
    set idle_in_transaction_session_timeout = '${isReader ? "30min" : "1min"}';
    set default_transaction_read_only = ${isReader ? "on" : "off"};
    set search_path = ''; set quote_all_identifiers = off; set timezone = 'UTC'; set datestyle = 'ISO'`;
}

/** Must the server's certificate be trusted? As in libpq, naming an authority makes `require` ask for that. */
export function verifiesCertificate({ sslmode, ca }: Settings): boolean {
  return sslmode === "verify-full" || sslmode === "verify-ca" || (sslmode === "require" && ca !== "");
}

function encryption(settings: Settings, { encrypted }: Reached): pg.ClientConfig["ssl"] {
  if (!encrypted) return false;
  const { sslmode, ca, host } = settings;
  return {
    rejectUnauthorized: verifiesCertificate(settings),
    ...(ca ? { ca } : {}),
    // The connection goes to the address that was checked; the certificate is for the host's name.
    ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
    checkServerIdentity: (_name, certificate) =>
      sslmode === "verify-full" ? checkServerIdentity(host, certificate) : undefined,
  };
}

function sessionOver(
  run: (sql: string, values?: unknown[]) => Promise<pg.QueryResult>,
  target: Target,
  close: () => Promise<void>,
): Session {
  const parse = <Row>(row: z.ZodType<Row>, rows: unknown[]) =>
    rows.map((raw) => {
      const parsed = row.safeParse(raw);
      if (parsed.success) return parsed.data;
      throw new ConnectorError("protocol", `${addressOf(target)} sent a row that is none: ${parsed.error.message}`, {
        remedy: "Check that this is an unmodified PostgreSQL.",
        object: target.database,
      });
    });
  return {
    database: target.database,
    all: async (sql, row) => parse(row, (await run(sql)).rows),
    async *pages(sql, row) {
      await run(`declare roll no scroll cursor for ${sql}`);
      for (;;) {
        const { rows } = await run(`fetch ${rowsPerFetch} from roll`);
        if (rows.length > 0) yield parse(row, rows);
        if (rows.length < rowsPerFetch) break;
      }
      await run("close roll");
    },
    takeSnapshot: async () => {
      await run("begin isolation level repeatable read, read only");
    },
    run: async (sql) => void (await run(sql)),
    ask: async (sql, parameters, row) => parse(row, (await run(sql, parameters)).rows),
    close,
  };
}

type Wire = {
  run<T>(work: () => Promise<T>, limitMs: number): Promise<T>;
  serve(signal: AbortSignal | null): void;
};

/** Runs work on a client, several at once too, so that it ends with the signal, a time limit, and too long an answer. */
function watch(on: { client: pg.Client; socket: Socket; signal: AbortSignal; target: Target }): Wire {
  const { client, socket, target } = on;
  setMaxListeners(0, on.signal);
  let signal: AbortSignal | null = on.signal;
  let broken: ConnectorError | null = null;
  const cut = (error: ConnectorError) => {
    broken ??= error;
    socket.destroy();
  };
  // Between two calls the server may go away too; the next call then says so.
  client.on("error", (error) => cut(toConnectorError(asCut(error), target)));
  return {
    serve: (next) => {
      signal = next;
      if (next) setMaxListeners(0, next);
    },
    async run(work, limitMs) {
      const of = signal;
      const stop = () => cut(tookTooLong(target, of?.reason));
      if (of?.aborted) stop();
      if (broken) throw broken;
      const before = socket.bytesRead;
      const limit = setTimeout(() => cut(tookTooLong(target, null)), limitMs);
      const size = setInterval(() => {
        if (socket.bytesRead - before > longestAnswerBytes) cut(tooMuch(target));
      }, 20);
      of?.addEventListener("abort", stop, { once: true });
      try {
        return await work();
      } catch (error) {
        throw broken ?? toConnectorError(socket.destroyed ? asCut(error) : error, target);
      } finally {
        clearTimeout(limit);
        clearInterval(size);
        of?.removeEventListener("abort", stop);
      }
    },
  };
}

// pg names a connection that ended under it in words only.
function asCut(error: unknown): unknown {
  const isNamed = typeof (error as { code?: unknown } | null)?.code === "string";
  return isNamed
    ? error
    : Object.assign(new Error("the connection was closed", { cause: error }), { code: "ECONNRESET" });
}

function tookTooLong(target: Target, cause: unknown): ConnectorError {
  const [code, message, remedy] = hangs(target);
  return new ConnectorError(code, message, { remedy, object: addressOf(target), cause });
}

function withoutPassword(target: Target, cause: unknown): ConnectorError {
  return new ConnectorError(
    "credentials",
    `${addressOf(target)} asks "${target.user}" for a password, and there is none`,
    {
      remedy: "Enter the role's password.",
      object: addressOf(target),
      cause,
    },
  );
}

function tooMuch(target: Target): ConnectorError {
  return new ConnectorError("limit", `${addressOf(target)} sent more than 32 MB in one answer`, {
    remedy: "Check that this is an unmodified PostgreSQL.",
    object: target.database,
  });
}

async function end(client: pg.Client, socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  await client.end().catch(() => undefined);
}
