/** What is known of a thing that a row names: nothing yet, the same as before, or something else before. */
export type Sighting = { row: number; isSame: boolean } | null;

const smallest = 1 << 12;
const largest = 1 << 19;

/**
 * Remembers what was named, by hash, in at most 10 MB: exactly for some 360,000 things, and after that for those that
 * were first. What slips through is caught when the rows are put beside each other in the database.
 */
export function seenThings(): { see(key: string, content: string, row: number): Sighting } {
  let slots = smallest;
  let keys = new Float64Array(slots);
  let contents = new Float64Array(slots);
  let rows = new Int32Array(slots);
  let count = 0;

  const find = (hash: number): number => {
    let at = hash % slots;
    while (keys[at] !== 0 && keys[at] !== hash) at = at + 1 === slots ? 0 : at + 1;
    return at;
  };
  const grow = () => {
    const [oldKeys, oldContents, oldRows] = [keys, contents, rows];
    slots *= 2;
    keys = new Float64Array(slots);
    contents = new Float64Array(slots);
    rows = new Int32Array(slots);
    for (let index = 0; index < oldKeys.length; index++) {
      const hash = oldKeys[index] ?? 0;
      if (hash === 0) continue;
      const at = find(hash);
      keys[at] = hash;
      contents[at] = oldContents[index] ?? 0;
      rows[at] = oldRows[index] ?? 0;
    }
  };

  return {
    see(key, content, row) {
      if (count > slots * 0.7 && slots < largest) grow();
      const hash = hash53(key);
      const at = find(hash);
      const fingerprint = hash53(content);
      if (keys[at] === hash) return { row: rows[at] ?? 0, isSame: contents[at] === fingerprint };
      if (count > slots * 0.7) return null;
      keys[at] = hash;
      contents[at] = fingerprint;
      rows[at] = row;
      count++;
      return null;
    },
  };
}

/** Forgets as it goes: says whether exactly this was named a short while ago. For edges, which are many. */
export function recentThings(): (key: string) => boolean {
  const slots = 1 << 16;
  const keys = new Float64Array(slots);
  return (key) => {
    const hash = hash53(key);
    const at = hash % slots;
    if (keys[at] === hash) return true;
    keys[at] = hash;
    return false;
  };
}

// Two rounds of 32 bits each, from a start that differs from process to process, so that nobody can prepare two texts
// that are taken for one.
const start = Math.floor(Math.random() * 2 ** 32);

function hash53(text: string): number {
  let one = 0xdeadbeef ^ start;
  let two = 0x41c6ce57 ^ start;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    one = Math.imul(one ^ code, 2_654_435_761);
    two = Math.imul(two ^ code, 1_597_334_677);
  }
  one = Math.imul(one ^ (one >>> 16), 2_246_822_507) ^ Math.imul(two ^ (two >>> 13), 3_266_489_909);
  two = Math.imul(two ^ (two >>> 16), 2_246_822_507) ^ Math.imul(one ^ (one >>> 13), 3_266_489_909);
  return 4_294_967_296 * (2_097_151 & two) + (one >>> 0) || 1;
}
