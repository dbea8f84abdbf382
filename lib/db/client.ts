import { AsyncLocalStorage } from "node:async_hooks";
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { env } from "../env";
import { AppError } from "../errors";
import { nowMs } from "../time";
import { type Prisma, PrismaClient } from "./generated/client";
import { PrimaryPool } from "./primary";

declare const inTransaction: unique symbol;

/**
 * A transaction. The brand is what makes it one: Prisma's plain client would type-check where a transaction is asked
 * for, and the write would end up outside it. Only `transaction` mints it.
 */
export type Tx = Prisma.TransactionClient & { readonly [inTransaction]: true };

/** Whatever can answer a read: the client, or a transaction. */
export type Db = Prisma.TransactionClient;

type Kept = { pool: pg.Pool; prisma: PrismaClient };
type CommitGuard = (tx: Tx) => Promise<void>;
type Global = typeof globalThis & {
  rollcallDatabase?: Kept;
  rollcallDatabaseAwayAtMs?: number;
  rollcallCommitGuards?: AsyncLocalStorage<CommitGuard | null>;
};

// Next reloads modules in development; the pool must outlive that.
const kept = globalThis as Global;

function database(): Kept {
  kept.rollcallDatabase ??= open();
  return kept.rollcallDatabase;
}

// Hands of a worker are more than its connections, and wait their turn; whoever waits for a page is told soon instead.
const connectWithinMs = 5_000;
const turnWithinMs = () => (process.env.ROLLCALL_PART === "worker" ? 60_000 : connectWithinMs);

class Client extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super({
      ...(typeof config === "string" ? { connectionString: config } : config),
      connectionTimeoutMillis: connectWithinMs,
    });
  }
}

function open(): Kept {
  const url = env().DATABASE_URL;
  if (!url) {
    throw new AppError("unavailable", "DATABASE_URL is not set and no embedded database was started", {
      remedy: "Start Rollcall with npm start, or set DATABASE_URL.",
    });
  }
  const settings = {
    max: env().DATABASE_POOL,
    Client,
    connectionTimeoutMillis: turnWithinMs(),
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: "rollcall",
    options: "-c timezone=UTC -c statement_timeout=60000 -c idle_in_transaction_session_timeout=120000",
  };
  const pool = new PrimaryPool(url, settings, () => {
    kept.rollcallDatabaseAwayAtMs = nowMs();
  });
  return { pool, prisma: new PrismaClient({ adapter: new PrismaPg(pool) }) };
}

/** The Prisma client, opened at first use. */
export function db(): PrismaClient {
  return database().prisma;
}

/** The connection pool beneath it, for COPY, LISTEN and session locks. */
export function pool(): pg.Pool {
  return database().pool;
}

/**
 * Runs `work` in one transaction: all of it happens or none.
 * A serialization failure or deadlock (40001, 40P01) is tried again up to three times, so `work` must have no effect
 * but on the database.
 */
export async function transaction<T>(work: (tx: Tx) => Promise<T>, limits: { timeoutMs?: number } = {}): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db().$transaction((tx) => guarded(tx as Tx, work), {
        maxWait: turnWithinMs(),
        timeout: limits.timeoutMs ?? 30_000,
      });
    } catch (error) {
      if (attempt >= 3 || !isRetryable(error)) throw error;
    }
  }
}

async function guarded<T>(tx: Tx, work: (tx: Tx) => Promise<T>): Promise<T> {
  const done = await work(tx);
  await commitGuards().getStore()?.(tx);
  return done;
}

/**
 * Runs `work` so that each transaction within it asks `guard` last of all, in the transaction itself; when that throws,
 * nothing of it is committed. With null, transactions commit as they are.
 */
export function guardCommits<T>(guard: CommitGuard | null, work: () => Promise<T>): Promise<T> {
  return commitGuards().run(guard, work);
}

function commitGuards(): AsyncLocalStorage<CommitGuard | null> {
  kept.rollcallCommitGuards ??= new AsyncLocalStorage();
  return kept.rollcallCommitGuards;
}

function isRetryable(error: unknown): boolean {
  return ["40001", "40P01"].includes(databaseCode(error) ?? "") || (error as { code?: string }).code === "P2034";
}

/**
 * Rows of `sql` with `values`, read outside any transaction through the pool. `sql` is always a constant of the
 * program; what comes from outside goes into `values`. `name` prepares the statement.
 */
export async function rows<Row>(sql: string, values: unknown[] = [], name?: string): Promise<Row[]> {
  const result = await pool().query({ text: sql, values, name });
  return result.rows as Row[];
}

/** What reads rows: `rows`, or the same inside a transaction. */
export type Read = typeof rows;

/** `rows` in the connection of a transaction: sees what that wrote, and takes no second connection from the pool. */
export function readIn(tx: Tx): Read {
  return (sql, values = []) => tx.$queryRawUnsafe(sql, ...values);
}

/** The SQLSTATE of a database error, whoever wrapped it, or null. */
export function databaseCode(error: unknown): string | null {
  for (let at: unknown = error, depth = 0; at && depth < 6; depth++) {
    const { code, originalCode, cause, meta } = at as {
      code?: unknown;
      originalCode?: unknown;
      cause?: unknown;
      meta?: { driverAdapterError?: unknown; code?: unknown };
    };
    for (const candidate of [originalCode, code, meta?.code]) {
      if (typeof candidate === "string" && /^[0-9A-Z]{5}$/.test(candidate) && !/^P\d{4}$/.test(candidate))
        return candidate;
    }
    at = meta?.driverAdapterError ?? cause;
  }
  return null;
}

// pg and Prisma name these only in words.
const awayInWords =
  /^(Connection terminated|timeout expired|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed)|Unable to start a transaction in the given time/;

const awayCodes = [
  ...["ECONNREFUSED", "ECONNRESET", "ENOENT", "EPIPE", "ETIMEDOUT"],
  ...["P1001", "P1002", "P1017", "P2024"],
];

// So Prisma's adapter calls them, within the error of a raw query, whose own code and words are those of any failure.
const awayKinds = ["DatabaseNotReachable", "ConnectionClosed", "SocketTimeout", "TooManyConnections"];

/**
 * Is this error the database being away, rather than a mistake? (class 08, 57P0x, 53xxx, refused or reset sockets, or a
 * primary that has become a standby)
 */
export function isDatabaseAway(error: unknown): boolean {
  const code = databaseCode(error);
  if (code !== null && /^(08|53)|^57P0|^25006$/.test(code)) return true;
  for (let at: unknown = error, depth = 0; at && depth < 6; depth++) {
    const {
      code: errno,
      kind,
      message,
      cause,
      meta,
    } = at as {
      code?: unknown;
      kind?: unknown;
      message?: unknown;
      cause?: unknown;
      meta?: { driverAdapterError?: unknown };
    };
    if (typeof errno === "string" && awayCodes.includes(errno)) return true;
    if (typeof kind === "string" && awayKinds.includes(kind)) return true;
    if (typeof message === "string" && awayInWords.test(message)) return true;
    at = meta?.driverAdapterError ?? cause;
  }
  return false;
}

/** When a connection to the database last failed or broke, in this process; 0 when none ever did. */
export function databaseAwayAtMs(): number {
  return kept.rollcallDatabaseAwayAtMs ?? 0;
}

/** Closes the pool; the next use opens another. */
export async function closeDatabase(): Promise<void> {
  const open = kept.rollcallDatabase;
  kept.rollcallDatabase = undefined;
  if (!open) return;
  await open.prisma.$disconnect();
  if (!open.pool.ended) await open.pool.end();
}
