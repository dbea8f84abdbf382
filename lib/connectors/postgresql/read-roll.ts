import type { z } from "zod";
import { ConnectorError } from "../connector-error";
import type { Context, ReadEvent, UsageCoverage } from "../contract";
import { type Observation, observationKinds } from "../schema";
import { attributedGroupsSql, databasesSql, factsSql, membershipsSql, rolesSql, versionSql } from "./catalog";
import { type Session, signIn } from "./client";
import { addressOf } from "./failures";
import {
  clusterResource,
  defaultGrantObservations,
  grantObservations,
  objectObservations,
  type Place,
} from "./map-objects";
import { builtInGroups, type Cluster, membershipObservations, roleObservations } from "./map-roles";
import { clusterClasses, databaseClasses, defaultGrantsSql, grantsSql, objectsSql } from "./object-classes";
import { clusterOf } from "./role-ref";
import {
  databaseRow,
  defaultGrantRow,
  type FactsRow,
  factsRow,
  grantRow,
  membershipRow,
  nameRow,
  objectRow,
  type ReadCursor,
  readCursor,
  roleRow,
  type Secrets,
  type Settings,
  versionRow,
} from "./schema";
import { hiddenDatabases, hiddenThings, selectDatabases, supportedMajor } from "./sight";

type ReadContext = Context<Settings, Secrets>;

/**
 * Everything there is, database by database, with a checkpoint after each. What could not be read is said, and then
 * nothing that it might have held counts as gone: resources and assignments do not end.
 */
export async function* readRoll(context: ReadContext): AsyncGenerator<ReadEvent> {
  const cursor = context.cursor === undefined || context.cursor === null ? null : readCursor.parse(context.cursor);
  const session = await signIn(context, context.settings.database);
  const { facts, cluster } = await clusterOf(session)
    .then(async (id) => {
      await session.takeSnapshot();
      return lookAround(session, id);
    })
    .catch(async (error) => {
      await session.close();
      throw error;
    });
  const closed = hiddenDatabases(context.settings, cluster.databases);
  let progress: ReadCursor = cursor ?? { done: [], incomplete: closed.length > 0 };
  try {
    if (cursor === null) {
      yield* coverage();
      for (const hidden of [...closed, ...hiddenThings(facts, context.settings)])
        yield { type: "invisible", ...hidden };
      yield* readCluster(session, { facts, cluster, context });
      yield { type: "checkpoint", cursor: progress };
    }
  } finally {
    await session.close();
  }
  for await (const event of readDatabases(context, cluster, progress)) {
    if (event.type === "checkpoint") progress = event.cursor;
    yield event;
  }
  for (const kind of observationKinds) {
    const isWhole = kind === "resource" || kind === "assignment" ? !progress.incomplete : true;
    if (isWhole && (kind !== "credential" || facts.passwords !== "hidden")) yield { type: "ended", kind };
  }
}

/** Who we are, and what of the cluster is needed to read its parts. */
export async function lookAround(
  session: Session,
  id: string | null = null,
): Promise<{ facts: FactsRow; cluster: Cluster }> {
  // First, because an old server does not understand the rest.
  const [version] = await session.all(versionSql, versionRow);
  const major = supportedMajor(version, session.database);
  const [facts] = await session.all(factsSql, factsRow);
  if (!facts) throw new Error("the server did not say who we are");
  const databases = await session.all(databasesSql, databaseRow);
  const attributed = await session.all(attributedGroupsSql(major), nameRow);
  return { facts, cluster: { id, major, databases, attributedGroups: new Set(attributed.map(({ name }) => name)) } };
}

function* coverage(): Generator<ReadEvent> {
  const because = "PostgreSQL keeps no record of sign-ins; Rollcall sees only the sessions open while it reads";
  for (const subject of ["account", "credential", "entitlement"] satisfies UsageCoverage["subject"][]) {
    yield { type: "coverage", coverage: { subject, complete: false, since: null, because } };
  }
}

async function* readCluster(
  session: Session,
  { facts, cluster, context }: { facts: FactsRow; cluster: Cluster; context: ReadContext },
): AsyncGenerator<ReadEvent> {
  yield seen([clusterResource(addressOf(context.settings))]);
  yield seen(builtInGroups(cluster));
  yield* pages(session, rolesSql(facts.passwords), roleRow, (role) => roleObservations(role, cluster, context.now));
  yield* pages(session, membershipsSql(cluster.major), membershipRow, (row) => membershipObservations(row, cluster));
  const scope = { major: cluster.major, includeSystem: context.settings.includeSystemSchemas };
  for (const objectClass of clusterClasses(scope)) {
    yield* readClass(session, objectClass, { database: null, cluster });
  }
}

async function* readDatabases(
  context: ReadContext,
  cluster: Cluster,
  from: ReadCursor,
): AsyncGenerator<Exclude<ReadEvent, { type: "checkpoint" }> | { type: "checkpoint"; cursor: ReadCursor }> {
  let progress = from;
  for (const database of selectDatabases(context.settings, cluster.databases)) {
    if (progress.done.includes(database)) continue;
    try {
      yield* readDatabase(context, database, cluster);
    } catch (error) {
      context.signal.throwIfAborted();
      // A server that is gone is no matter of one database: the read is taken up at its checkpoint.
      if (!(error instanceof ConnectorError) || error.code === "unreachable") throw error;
      progress = { ...progress, incomplete: true };
      yield { type: "problem", message: error.message, object: database, remedy: error.remedy };
    }
    progress = { ...progress, done: [...progress.done, database] };
    yield { type: "checkpoint", cursor: progress };
  }
}

async function* readDatabase(
  context: ReadContext,
  database: string,
  cluster: Cluster,
): AsyncGenerator<Extract<ReadEvent, { type: "observations" }>> {
  const session = await signIn(context, database);
  try {
    await session.takeSnapshot();
    const scope = { major: cluster.major, includeSystem: context.settings.includeSystemSchemas };
    const place = { database, cluster };
    for (const objectClass of databaseClasses(scope)) yield* readClass(session, objectClass, place);
    yield* pages(session, defaultGrantsSql, defaultGrantRow, (row) => defaultGrantObservations(row, place));
  } finally {
    await session.close();
  }
}

async function* readClass(session: Session, objectClass: string, place: Place) {
  yield* pages(session, objectsSql(objectClass), objectRow, (row) => objectObservations(row, place));
  yield* pages(session, grantsSql(objectClass), grantRow, (row) => grantObservations(row, place));
}

async function* pages<Row>(
  session: Session,
  sql: string,
  row: z.ZodType<Row>,
  observe: (row: Row) => Observation[],
): AsyncGenerator<Extract<ReadEvent, { type: "observations" }>> {
  for await (const rows of session.pages(sql, row)) yield seen(rows.flatMap(observe));
}

function seen(items: Observation[]): Extract<ReadEvent, { type: "observations" }> {
  return { type: "observations", items };
}
