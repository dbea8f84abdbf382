import { anchorFile, newestAnchored } from "../audit/anchor-file";
import { type Doubts, doubt } from "../audit/examine-journal";
import { journalFile, newestLine, readJournal } from "../audit/journal-file";
import type { JournalEntry } from "../audit/journal-schema";
import { record } from "../audit/record";
import { knownEvents } from "../audit/send-endings";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { endSessions } from "../auth/end-session";
import { readIn, rows, type Tx, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { log } from "../log";
import { minuteMs } from "../time";

// Any constant that nothing else in this database locks with.
const noticeLock = 7_269_114_014;
const together = 1_000;

/** Files to be asked, where they are not this machine's own. */
export type Outside = { journal?: string | null; anchor?: string | null };

/**
 * Is this database older than what is written outside it? Then that is noted, once: every session of Rollcall itself ends,
 * every sign-in link is void, and each ending that the database does not know waits to be carried out again. Costs two
 * short reads where there is nothing to notice.
 * @returns the id of what was noted, or null
 */
export async function noticeRestoration(
  actor: Actor,
  { journal = journalFile(), anchor = anchorFile() }: Outside = {},
): Promise<string | null> {
  await authorize(actor, "record:restore", { type: "record" });
  const name = await nameOfLog();
  if (name === null) return null;
  if ((await ahead({ name, journal, anchor })) === null) return null;
  const noted = await transaction((tx) => note(tx, actor, { name, journal, anchor }), { timeoutMs: 10 * minuteMs });
  if (noted) log().error({ restoration: noted, journal }, "this database is older than its journal: it was restored");
  return noted;
}

type Where = { name: string; journal: string | null; anchor: string | null };
type Ahead = { told: number; toldAt: Date | null; journal: boolean; anchorRoot: Buffer | null };

async function nameOfLog(): Promise<string | null> {
  const [key] = await rows<{ name: string }>("select name from audit_keys limit 1");
  return key?.name ?? null;
}

async function ahead({ name, journal, anchor }: Where): Promise<Ahead | null> {
  const line = journal === null ? null : await newestLine(journal, name);
  const isJournal = line !== null && !(await knownEvents([line.event])).has(line.event);
  const anchored = await anchorAhead(anchor, name);
  if (!isJournal && anchored === null) return null;
  return {
    told: Math.max(isJournal ? line.number : 0, anchored?.size ?? 0),
    toldAt: isJournal ? new Date(line.at) : null,
    journal: isJournal,
    anchorRoot: anchored?.root ?? null,
  };
}

// A checkpoint over more than there is: also found where nothing was taken back since.
async function anchorAhead(anchor: string | null, name: string): Promise<{ size: number; root: Buffer } | null> {
  const newest = anchor === null ? null : await newestAnchored(anchor);
  if (newest === null || newest.origin !== name) return null;
  const [state] = await rows<{ behind: boolean }>(
    `select coalesce(max(position), 0) < $1 and not exists (select from restorations where anchor_root = $2) as behind
     from audit_sequence`,
    [newest.size, newest.root],
  );
  return state?.behind ? newest : null;
}

// Several machines may notice at once: the first one notes, and the others find it noted.
async function note(tx: Tx, actor: Actor, where: Where): Promise<string | null> {
  await tx.$executeRaw`select pg_advisory_xact_lock(${noticeLock})`;
  const found = await ahead(where);
  if (found === null) return null;
  const [head] = await readIn(tx)<{ size: bigint }>("select coalesce(max(position), 0) as size from audit_sequence");
  const { id } = await tx.restoration.create({
    data: {
      noticedAt: await clockOf(tx),
      had: head?.size ?? 0,
      told: found.told,
      toldAt: found.toldAt,
      source: (found.journal ? where.journal : where.anchor) ?? "",
      anchorRoot: found.anchorRoot && Uint8Array.from(found.anchorRoot),
    },
    select: { id: true },
  });
  const { endings, doubts } = found.journal ? await stage(tx, id, where) : { endings: 0, doubts: {} };
  const sessionsEnded = await endSessions(tx, actor, {});
  const links = await tx.signInLink.updateMany({ where: { usedAt: null }, data: { usedAt: await clockOf(tx) } });
  await tx.restoration.update({ where: { id }, data: { sessionsEnded, linksEnded: links.count, doubts } });
  await tx.auditDestination.updateMany({ where: { kind: "journal" }, data: { nextTryAt: null } });
  await record(tx, actor, {
    action: "record.restored",
    target: { type: "restoration", id },
    details: {
      had: Number(head?.size ?? 0),
      told: found.told,
      endings,
      sessionsEnded,
      linksEnded: links.count,
      doubts,
    },
  });
  return id;
}

async function stage(tx: Tx, restorationId: string, { name, journal }: Where) {
  const doubts: Doubts = {};
  let endings = 0;
  let batch: Placed[] = [];
  for await (const found of readJournal(journal ?? "", name)) {
    if ("fault" in found) doubt(doubts, found.fault, found.place);
    else {
      if (found.gap) doubt(doubts, "gap", found.place);
      batch.push({ ...found.line, place: found.place });
    }
    if (batch.length < together) continue;
    endings += await keep(tx, restorationId, batch);
    batch = [];
  }
  return { endings: endings + (await keep(tx, restorationId, batch)), doubts };
}

type Placed = JournalEntry & { place: number };

async function keep(tx: Tx, restorationId: string, batch: readonly Placed[]): Promise<number> {
  const known = await knownEvents(batch.map(({ event }) => event));
  const unknown = batch.filter(({ event }) => !known.has(event));
  const { count } = await tx.restoredEnding.createMany({
    data: unknown.map(({ event, number, at, action, ending: { kind, id, ...facts }, place }) => {
      return { eventId: event, restorationId, place, number, at: new Date(at), action, kind, thingId: id, facts };
    }),
    skipDuplicates: true,
  });
  return count;
}
