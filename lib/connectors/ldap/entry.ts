/** A value as the directory sent it: text where its bytes are UTF-8. */
export type Value = string | Buffer;

/** An entry of a directory. Names of attributes are in lower case, without options such as `;binary`. */
export type Entry = {
  dn: string;
  attributes: ReadonlyMap<string, readonly Value[]>;
  /** Attributes whose values did not all come, and the number of the first that did not (`member;range=0-1499`). */
  unfinished?: ReadonlyMap<string, number>;
};

/** All values of an attribute that are text. */
export function textsOf(entry: Entry, name: string): string[] {
  return (entry.attributes.get(name.toLowerCase()) ?? []).map((value) =>
    typeof value === "string" ? value : value.toString("utf8"),
  );
}

/** The first value of an attribute that says something, or null. */
export function textOf(entry: Entry, ...names: string[]): string | null {
  for (const name of names) {
    const found = textsOf(entry, name).find((value) => value.trim() !== "");
    if (found !== undefined) return found;
  }
  return null;
}

/** The values of an attribute as bytes. */
export function bytesOf(entry: Entry, name: string): Buffer[] {
  return (entry.attributes.get(name.toLowerCase()) ?? []).map((value) =>
    typeof value === "string" ? Buffer.from(value) : value,
  );
}

/** A number, or null where there is none. */
export function numberOf(entry: Entry, name: string): number | null {
  const text = textOf(entry, name);
  return text !== null && /^-?\d{1,15}$/.test(text.trim()) ? Number(text) : null;
}

/** Has the entry one of these classes? */
export function isA(entry: Entry, ...classes: string[]): boolean {
  const own = textsOf(entry, "objectclass").map((name) => name.toLowerCase());
  return classes.some((name) => own.includes(name.toLowerCase()));
}
