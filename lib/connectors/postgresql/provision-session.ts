import { z } from "zod";
import { ConnectorError } from "../connector-error";
import type { Context } from "../contract";
import { greetingSignal } from "../kept-warm";
import { type Session, type SignedIn, signIn } from "./client";
import { addressOf, sqlState } from "./failures";
import { keep, takeKept } from "./kept-sessions";
import { clusterOf } from "./role-ref";
import type { Secrets, Settings } from "./schema";

/** What a verb that changes the cluster is called with. */
export type Call = Context<Settings, Secrets>;

/** A session of the role that gives and takes. */
export type Provisioner = {
  session: Session;
  /** Its name. */
  me: string;
  major: number;
  /** By what the server tells itself from all others; null where it does not tell us. */
  cluster: string | null;
};

// What somebody else who changes the same thing at the same moment does to us (appendix A: serialization_failure,
// deadlock_detected, unique_violation, and for access lists internal_error: "tuple concurrently updated").
const inTheWay = ["40001", "40P01", "23505", "XX000"];
const mostTries = 6;

const meRow = z.object({
  me: z.string(),
  superuser: z.boolean(),
  in_recovery: z.boolean(),
  version: z.coerce.number().int(),
});

/** May this connection change the cluster at all? */
export function mayProvision(settings: Settings): true | { because: string; remedy: string } {
  if (settings.provisionUser) return true;
  return {
    because: "this connection only reads: it has no role that gives access",
    remedy: "Make one as the set-up instructions say, and name it in the connection's settings.",
  };
}

/**
 * Does `work` in a session of the role that gives and takes. Where others were changing the same thing, it is done again
 * from its beginning, so it must look before it changes.
 * @throws ConnectorError
 */
export async function asProvisioner<T>(
  call: Call,
  database: string,
  work: (provisioner: Provisioner) => Promise<T>,
): Promise<T> {
  const may = mayProvision(call.settings);
  if (may !== true) throw new ConnectorError("invalid", may.because, { remedy: may.remedy });
  const { session, provisioner } = await enter(call, database);
  let result: T;
  try {
    result = await untilThrough(call, () => work(provisioner));
  } catch (error) {
    await session.close();
    throw error;
  }
  await keep(call, database, session);
  return result;
}

async function enter(call: Call, database: string): Promise<{ session: SignedIn; provisioner: Provisioner }> {
  for (let session = takeKept(call, database); session; session = takeKept(call, database)) {
    try {
      session.resume(greetingSignal(call.signal));
      const [, provisioner] = await Promise.all([session.run("reset role"), introduce(call, session)]);
      session.resume(call.signal);
      return { session, provisioner };
    } catch {
      // Cut meanwhile, gone without a word, or no primary any more: nothing was changed yet, and a sign-in of its own says
      // what is wrong.
      await session.close();
    }
  }
  const session = await signIn(call, database, "gives");
  try {
    return { session, provisioner: await introduce(call, session) };
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** The same in a session that there is already. */
export async function untilThrough<T>(call: Call, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!inTheWayOf(error)) throw error;
      if (tries >= mostTries) throw crowded(call, error);
    }
  }
}

/** Did somebody else change the same thing at the same moment? */
export function inTheWayOf(error: unknown): boolean {
  return inTheWay.includes(stateOf(error) ?? "");
}

/**
 * One transaction in which nobody else of Rollcall changes what `key` names: PostgreSQL refuses two changes of one
 * access list at the same moment.
 */
export async function changing<T>({ session }: Provisioner, key: string, work: () => Promise<T>): Promise<T> {
  try {
    await Promise.all([session.run("begin"), session.ask(lockSql("pg_advisory_xact_lock"), [key], z.unknown())]);
    const result = await work();
    await session.run("commit");
    return result;
  } catch (error) {
    await session.run("rollback").catch(() => undefined);
    throw error;
  }
}

/** The same for a single statement, sent with all that is around it. */
export async function changingBy({ session }: Provisioner, key: string, statement: string): Promise<void> {
  try {
    await Promise.all([
      session.run("begin"),
      session.ask(lockSql("pg_advisory_xact_lock"), [key], z.unknown()),
      session.run(statement),
      // Of what was refused before it, this is the rollback.
      session.run("commit"),
    ]);
  } catch (error) {
    await session.run("rollback").catch(() => undefined);
    throw error;
  }
}

/**
 * The same for several things at once, which `work` changes each by a statement of its own; what `work` asks first is sent
 * behind the locks.
 */
export async function changingAll<T>(
  { session }: Provisioner,
  keys: readonly string[],
  work: (locked: Promise<unknown>) => Promise<T>,
): Promise<T> {
  // In one order, so that two of these never wait for each other.
  const inOrder = [...new Set(keys)].sort();
  const locked = Promise.all(inOrder.map((key) => session.ask(lockSql("pg_advisory_lock"), [key], z.unknown())));
  try {
    return await work(locked);
  } finally {
    // Nothing waits for that: what the session is asked next comes after it.
    void session.run("select pg_advisory_unlock_all()").catch(() => undefined);
  }
}

const lockSql = (how: "pg_advisory_lock" | "pg_advisory_xact_lock") =>
  `select ${how}(hashtextextended('rollcall ' || $1::text, 0))::text as locked`;

/** The five characters by which the server refused, or null. */
export function stateOf(error: unknown): string | null {
  return error instanceof ConnectorError ? sqlState(error.cause) : null;
}

async function introduce({ settings }: Call, session: Session): Promise<Provisioner> {
  const [[row], cluster] = await Promise.all([
    session.all(
      `select rolname::text as me, rolsuper as superuser, pg_is_in_recovery() as in_recovery,
        current_setting('server_version_num') as version from pg_roles where rolname = current_user`,
      meRow,
    ),
    clusterOf(session),
  ]);
  if (!row) throw new Error("the server did not say who we are");
  const object = addressOf(settings);
  if (row.superuser) {
    throw new ConnectorError(
      "rights",
      `"${row.me}" is a superuser, and PostgreSQL notes its grants as other roles' own`,
      {
        remedy:
          "Use a role made by the set-up instructions: Rollcall must be able to tell what it gave from what others did.",
        object,
      },
    );
  }
  if (row.in_recovery) {
    throw new ConnectorError("invalid", `${object} is a standby, where nothing can be changed`, {
      remedy: "Name the primary in the connection's settings.",
      object,
      retryable: true,
    });
  }
  return { session, me: row.me, major: Math.floor(row.version / 10_000), cluster };
}

function crowded({ settings }: Call, cause: unknown): ConnectorError {
  return new ConnectorError("busy", `others kept changing the same thing on ${addressOf(settings)}`, {
    remedy: "Rollcall tries again.",
    object: addressOf(settings),
    cause,
  });
}
