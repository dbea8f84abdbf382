import type { Read } from "../db/client";
import {
  consistencyRanges,
  fanOut,
  frontierRanges,
  hashOfRange,
  inclusionRanges,
  type Range,
  rootOver,
  type Unit,
  unitsOf,
} from "./merkle";

/** The root of the log as it was with `size` events. */
export async function rootAt(read: Read, size: number): Promise<Buffer> {
  const [root] = await hashesOf(read, [{ from: 0, to: size }]);
  return root ?? fail("the root");
}

/** The inclusion path of the event with this index (its number less one) in the log of `size` (RFC 6962, 2.1.1). */
export function inclusionPath(read: Read, index: number, size: number): Promise<Buffer[]> {
  return hashesOf(read, inclusionRanges(index, size));
}

/** The same of several events of one log, by one reading of its tree. */
export async function inclusionPaths(read: Read, indexes: readonly number[], size: number): Promise<Buffer[][]> {
  const ranges = indexes.map((index) => inclusionRanges(index, size));
  const hashes = await hashesOf(read, ranges.flat());
  let taken = 0;
  return ranges.map(({ length }) => {
    taken += length;
    return hashes.slice(taken - length, taken);
  });
}

/** The proof that the log of `first` events is the beginning of the log of `second` (RFC 6962, 2.1.2). */
export function consistencyPath(read: Read, first: number, second: number): Promise<Buffer[]> {
  return hashesOf(read, consistencyRanges(first, second));
}

/** The hashes of the perfect subtrees that the log of `size` is made of, from the left. */
export function frontierAt(read: Read, size: number): Promise<Buffer[]> {
  return hashesOf(read, frontierRanges(size));
}

/**
 * Keeps the roots of the subtrees that became whole when the log grew from `before` by `leaves`, in the transaction
 * that gave those their places.
 */
export async function growTree(read: Read, before: number, leaves: readonly Buffer[]): Promise<void> {
  let below: readonly Buffer[] = leaves;
  for (let level = 1, grownFrom = before; ; level++) {
    const from = Math.floor(grownFrom / fanOut);
    const earlier = await unitsFrom(read, { level: level - 1, from: from * fanOut, to: grownFrom });
    const all = [...earlier, ...below];
    const whole = Math.floor(all.length / fanOut);
    if (whole === 0) return;
    const made = Array.from({ length: whole }, (_, n) => rootOver(all.slice(n * fanOut, (n + 1) * fanOut)));
    await read(
      `insert into audit_subtrees (level, place, hash)
       select $1, $2 + place - 1, hash from unnest($3::bytea[]) with ordinality as made (hash, place)`,
      [level, from, made],
    );
    below = made;
    grownFrom = from;
  }
}

async function hashesOf(read: Read, ranges: readonly Range[]): Promise<Buffer[]> {
  const filled = ranges.filter(({ from, to }) => to > from);
  const known = await load(read, filled.flatMap(unitsOf));
  const hashOf = ({ level, place }: Unit) => known.get(`${level}/${place}`) ?? fail(`${level}/${place}`);
  return ranges.map((range) => hashOfRange(range, hashOf));
}

// Those that stand side by side come as one value: a path takes some hundreds, in a few pieces.
async function load(read: Read, units: readonly Unit[]): Promise<Map<string, Buffer>> {
  const runs = runsOf(units);
  if (runs.length === 0) return new Map();
  const found = await read<{ run: string; hashes: Uint8Array | null }>(
    `select run, case when level = 0
       then (select string_agg(leaf_hash, '' order by position) from audit_sequence where position > first and position <= past)
       else (select string_agg(hash, '' order by place) from audit_subtrees s where s.level = r.level and place >= first and place < past)
       end as hashes
     from unnest($1::smallint[], $2::bigint[], $3::bigint[]) with ordinality r (level, first, past, run)`,
    [runs.map(({ level }) => level), runs.map(({ from }) => from), runs.map(({ to }) => to)],
  );
  const known = new Map<string, Buffer>();
  for (const { run, hashes } of found) {
    const { level, from, to } = runs[Number(run) - 1] ?? fail("an answer");
    if (hashes?.length !== (to - from) * hashBytes) fail(`${level}/${from} to ${level}/${to - 1}, or one of them`);
    for (let place = from; place < to; place++)
      known.set(
        `${level}/${place}`,
        Buffer.from(hashes.subarray((place - from) * hashBytes, (place - from + 1) * hashBytes)),
      );
  }
  return known;
}

const hashBytes = 32;

type Run = Range & { level: number };

function runsOf(units: readonly Unit[]): Run[] {
  const runs: Run[] = [];
  for (const { level, place } of [...units].sort((a, b) => a.level - b.level || a.place - b.place)) {
    const last = runs.at(-1);
    if (last?.level === level && last.to >= place) last.to = place + 1;
    else runs.push({ level, from: place, to: place + 1 });
  }
  return runs;
}

async function unitsFrom(read: Read, { level, from, to }: Range & { level: number }): Promise<Buffer[]> {
  if (from >= to) return [];
  const sql =
    level === 0
      ? "select leaf_hash as hash from audit_sequence where position > $1 and position <= $2 order by position"
      : "select hash from audit_subtrees where place >= $1 and place < $2 and level = $3 order by place";
  const found = await read<{ hash: Uint8Array }>(sql, level === 0 ? [from, to] : [from, to, level]);
  if (found.length !== to - from) fail(`${level}/${from}`);
  return found.map(({ hash }) => Buffer.from(hash));
}

function fail(what: string): never {
  throw new Error(`the tree of the record lacks ${what}: the log was changed, or is not whole`);
}
