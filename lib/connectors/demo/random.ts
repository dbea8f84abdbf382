/** A stream of random numbers that a seed fixes for ever. */
export type Random = {
  /** From 0 to below 1. */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number;
  chance(share: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** One of `list`, as often as its weight (its first part) says. */
  weighted<T extends readonly [number, ...unknown[]]>(list: readonly T[]): T;
  /** `count` different ones of `list`, or all of it. */
  some<T>(list: readonly T[], count: number): T[];
  /** A stream of its own: what is drawn from it changes nothing here. */
  fork(label: string): Random;
};

/** The stream of `seed` (mulberry32 over a 32-bit hash of the seed). */
export function randomOf(seed: string): Random {
  let state = hashOf(seed);
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  const pick = <T>(list: readonly T[]): T => {
    const one = list[int(0, list.length - 1)];
    if (one === undefined) throw new RangeError("nothing to pick from");
    return one;
  };
  const weighted = <T extends readonly [number, ...unknown[]]>(list: readonly T[]): T => {
    let ticket = int(
      1,
      list.reduce((sum, [weight]) => sum + weight, 0),
    );
    for (const one of list) {
      ticket -= one[0];
      if (ticket <= 0) return one;
    }
    return pick(list);
  };
  const some = <T>(list: readonly T[], count: number): T[] => {
    const left = [...list];
    const taken: T[] = [];
    while (taken.length < count && left.length > 0) taken.push(...left.splice(int(0, left.length - 1), 1));
    return taken;
  };
  return {
    next,
    int,
    pick,
    weighted,
    some,
    chance: (share) => next() < share,
    fork: (label) => randomOf(`${seed}/${label}`),
  };
}

/** A 32-bit hash of `text` (FNV-1a, then mixed so that every bit is worth the same), for what must not move. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
