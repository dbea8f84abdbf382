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

async function load(read: Read, units: readonly Unit[]): Promise<Map<string, Buffer>> {
  const leaves = units.filter(({ level }) => level === 0).map(({ place }) => place + 1);
  const others = units.filter(({ level }) => level > 0);
  // The two questions go side by side where the reader has more than one connection.
  const found = await Promise.all([
    leaves.length === 0
      ? []
      : read<Hashed>(
          "select 0 as level, position - 1 as place, leaf_hash as hash from audit_sequence where position = any($1::bigint[])",
          [leaves],
        ),
    others.length === 0
      ? []
      : read<Hashed>(
          `select s.level, s.place, s.hash from unnest($1::smallint[], $2::bigint[]) wanted (level, place)
           join audit_subtrees s on s.level = wanted.level and s.place = wanted.place`,
          [others.map(({ level }) => level), others.map(({ place }) => place)],
        ),
  ]);
  return new Map(found.flat().map(({ level, place, hash }) => [`${level}/${place}`, Buffer.from(hash)]));
}

type Hashed = { level: number; place: string; hash: Uint8Array };

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
