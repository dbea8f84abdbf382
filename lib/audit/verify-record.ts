import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { rows } from "../db/client";
import { listKeys } from "./keys";
import { verifierKey } from "./note";
import { type LogEntry, readLog } from "./read-log";
import { type Given, LogCheck, type Report } from "./verify.mjs";

/** What a check of the live log found; `waiting` events have no place yet and were not checked. */
export type LiveReport = Report & { waiting: number };

const batchSize = 2_000;

/**
 * Reads the whole log, recomputes the hash of every event and of the tree over them, and compares with every checkpoint
 * that was kept with it or is given. What it finds is said of the first event concerned.
 * @param onProgress is told how many events were read.
 */
export async function verifyRecord(
  actor: Actor,
  given: Given = {},
  onProgress: (read: number) => void = () => undefined,
): Promise<LiveReport> {
  await authorize(actor, "activity:read", { type: "record" });
  const keys = (await listKeys()).map((key) => ({ verifierKey: verifierKey(key), endorsement: key.endorsement }));
  const origin = keys[0]?.verifierKey.split("+")[0] ?? "";
  const check = new LogCheck({ origin, keys }, given);
  for (const { note, source } of given.checkpoints ?? []) check.expect(note, source);
  for (const { note } of await rows<{ note: string }>("select note from audit_checkpoints order by size"))
    check.expect(note);
  const subtrees = watchSubtrees(check);
  const read = await readAll(check, onProgress);
  await compareSubtrees(check, subtrees);
  const others = await countOthers();
  if (others.adrift > 0)
    check.fault(
      "adrift",
      null,
      `${others.adrift} events have no place in the log and do not wait for one: they did not come the usual way.`,
    );
  if (read.erased > read.erasedByRecord)
    check.fault(
      "erased",
      null,
      `${read.erased} parts of events were erased, and the record tells of ${read.erasedByRecord}.`,
    );
  const { size, checked, faults } = read.hasGap ? { ...check.finish(), faults: check.faults } : check.finish();
  return {
    intact: faults.length === 0,
    from: 1,
    size,
    lastAt: read.lastAt,
    checked,
    erased: read.erased,
    faults,
    keysGiven: (given.keys ?? []).length > 0,
    origin,
    waiting: others.waiting,
  };
}

type Read = { lastAt: string | null; erased: number; erasedByRecord: number; hasGap: boolean };

async function readAll(check: LogCheck, onProgress: (read: number) => void): Promise<Read> {
  const state: Read = { lastAt: null, erased: 0, erasedByRecord: 0, hasGap: false };
  let next = readLog(1, batchSize);
  for (let full = true; full; ) {
    const batch = await next;
    full = batch.length === batchSize;
    // The database reads on while this batch is hashed.
    if (full) next = readLog((batch.at(-1)?.number ?? 0) + 1, batchSize);
    for (const entry of batch) take(check, entry, state);
    onProgress(check.size);
  }
  return state;
}

function take(check: LogCheck, { number, kept, event }: LogEntry, state: Read): void {
  if (!state.hasGap && number !== check.size + 1) {
    check.fault("missing", check.size + 1, `Event ${check.size + 1} is missing from the log.`);
    state.hasGap = true;
  }
  if (event === null) check.fault("missing", number, `Event ${number} has its place and its hash, but is gone itself.`);
  else if (event.hash !== kept)
    check.fault(
      "changed",
      number,
      `Event ${number} is not as it was written: it does not fit the hash that the log keeps of it.`,
    );
  if (!state.hasGap) check.push(Buffer.from(kept, "hex"));
  if (event === null) return;
  state.lastAt = event.at;
  state.erased += event.erased;
  state.erasedByRecord += event.erasedByRecord;
}

type Subtrees = Map<string, Buffer>;

function watchSubtrees(check: LogCheck): Subtrees {
  const whole: Subtrees = new Map();
  check.onWhole = (width, size, hash) => {
    const level = Math.round(Math.log2(width) / 8);
    whole.set(`${level}/${size / width - 1}`, hash);
  };
  return whole;
}

// Proofs are made from these: one that was changed would make every proof through it fail.
async function compareSubtrees(check: LogCheck, whole: Subtrees): Promise<void> {
  const kept = await rows<{ level: number; place: string; hash: Buffer }>(
    "select level, place, hash from audit_subtrees order by level, place",
  );
  const wrong = kept.filter(({ level, place, hash }) => !whole.get(`${level}/${place}`)?.equals(hash));
  const [first] = wrong;
  if (first) {
    const number = Number(first.place) * 256 ** first.level + 1;
    check.fault(
      "tree",
      number,
      `${wrong.length} hashes of the tree do not fit the events below them, the first over events from ${number} on.`,
    );
  }
  if (kept.length < whole.size)
    check.fault("tree", null, `${whole.size - kept.length} hashes of the tree are missing.`);
}

async function countOthers(): Promise<{ waiting: number; adrift: number }> {
  const [counts] = await rows<{ waiting: number; adrift: number }>(
    `select (select count(*)::int from audit_intake) as waiting,
       (select count(*)::int from audit_events e where not exists (select 1 from audit_sequence s where s.event_id = e.id)
          and not exists (select 1 from audit_intake i where i.event_id = e.id)) as adrift`,
  );
  return counts ?? { waiting: 0, adrift: 0 };
}
