import { hash } from "node:crypto";

// The Merkle tree of RFC 6962, section 2.1: pure, over whatever can answer the hashes of perfect subtrees.

/** Leaves from `from` up to, without, `to`; counted from 0. */
export type Range = { from: number; to: number };
/** The perfect subtree over the leaves from place × 256^level on, 256^level of them. Level 0 are the leaves. */
export type Unit = { level: number; place: number };

/** Leaves below a unit of each level come in this many of the level under it. */
export const fanOut = 256;

/** The hash of a leaf: SHA-256 over a zero byte and its bytes. */
export function hashLeaf(bytes: string | Uint8Array): Buffer {
  return hash("sha256", typeof bytes === "string" ? `\0${bytes}` : Buffer.concat([Buffer.of(0), bytes]), "buffer");
}

// A byte 1, then the two children. A new one for each of ten million nodes would cost more than hashing it.
const node = Buffer.alloc(65, 1);

/** The hash of a node over its two children. */
export function hashChildren(left: Uint8Array, right: Uint8Array): Buffer {
  node.set(left, 1);
  node.set(right, 33);
  return hash("sha256", node, "buffer");
}

/** The root of the tree of no leaves. */
export function emptyRoot(): Buffer {
  return hash("sha256", "", "buffer");
}

/** The subtrees whose hashes are the inclusion path of a leaf, from its sibling up. */
export function inclusionRanges(index: number, size: number): Range[] {
  const path: Range[] = [];
  for (let within: Range = { from: 0, to: size }; within.to - within.from > 1; ) {
    const middle = within.from + splitOf(within);
    const [left, right] = halves(within, middle);
    path.push(index < middle ? right : left);
    within = index < middle ? left : right;
  }
  return path.reverse();
}

/** The subtrees whose hashes prove that the tree of `first` leaves is the beginning of that of `second`. */
export function consistencyRanges(first: number, second: number): Range[] {
  if (first <= 0 || first >= second) return [];
  const path: Range[] = [];
  let within: Range = { from: 0, to: second };
  // While the old tree is the left edge of what is looked at, its own root is known to whoever checks.
  let isKnown = true;
  while (within.to !== first) {
    const middle = within.from + splitOf(within);
    const [left, right] = halves(within, middle);
    path.push(first <= middle ? right : left);
    if (first > middle) isKnown = false;
    within = first <= middle ? left : right;
  }
  if (!isKnown) path.push(within);
  return path.reverse();
}

/** The perfect subtrees that the tree of `size` leaves is made of, from the left: its frontier. */
export function frontierRanges(size: number): Range[] {
  const ranges: Range[] = [];
  for (let from = 0; from < size; ) {
    const width = largestPower(size - from);
    ranges.push({ from, to: from + width });
    from += width;
  }
  return ranges;
}

/** The units that a range is made of. */
export function unitsOf(range: Range): Unit[] {
  const unit = unitOf(range);
  if (unit) return [unit];
  const [left, right] = halves(range, range.from + splitOf(range));
  return [...unitsOf(left), ...unitsOf(right)];
}

/** The hash of a range, from the hashes of its units. */
export function hashOfRange(range: Range, hashOf: (unit: Unit) => Buffer): Buffer {
  if (range.to === range.from) return emptyRoot();
  const unit = unitOf(range);
  if (unit) return hashOf(unit);
  const [left, right] = halves(range, range.from + splitOf(range));
  return hashChildren(hashOfRange(left, hashOf), hashOfRange(right, hashOf));
}

/** The root over hashes that stand side by side, as many as they are. */
export function rootOver(hashes: readonly Buffer[]): Buffer {
  const [only] = hashes;
  if (!only) return emptyRoot();
  if (hashes.length === 1) return only;
  const middle = largestPower(hashes.length - 1);
  return hashChildren(rootOver(hashes.slice(0, middle)), rootOver(hashes.slice(middle)));
}

function unitOf({ from, to }: Range): Unit | null {
  const width = to - from;
  let level = 0;
  let size = 1;
  while (size * fanOut <= width) {
    size *= fanOut;
    level++;
  }
  return width === size && from % size === 0 ? { level, place: from / size } : null;
}

function halves({ from, to }: Range, middle: number): [Range, Range] {
  return [
    { from, to: middle },
    { from: middle, to },
  ];
}

/** The largest power of two smaller than the width of a range. */
function splitOf({ from, to }: Range): number {
  return largestPower(to - from - 1);
}

/** The largest power of two that is not above `count`, which is at least 1. */
function largestPower(count: number): number {
  let power = 1;
  while (power * 2 <= count) power *= 2;
  return power;
}
