// Distinguished names (RFC 4514). Pure.

type Rdn = { type: string; value: string }[];

/** The parts of a distinguished name, nearest first; null where it is none. */
export function parseDn(text: string): Rdn[] | null {
  if (text.trim() === "") return [];
  const parts = splitUnescaped(text, /[,;]/);
  const rdns = parts.map((part) => splitUnescaped(part, /\+/).map(parsePair));
  return rdns.every((rdn): rdn is Rdn => rdn.every((pair) => pair !== null)) ? rdns : null;
}

/**
 * One spelling for all that mean the same entry: case, spaces and escapes are how a directory compares most attributes.
 * What is no distinguished name comes back as it is, in lower case.
 */
export function normalDn(text: string): string {
  const rdns = parseDn(text);
  if (rdns === null) return text.toLowerCase();
  return rdns
    .map((rdn) =>
      rdn
        .map(({ type, value }) => `${type.toLowerCase()}=${escapeValue(folded(value))}`)
        .toSorted()
        .join("+"),
    )
    .join(",");
}

/** Is the entry below the base, or the base itself? Both normal. */
export function isWithin(normal: string, normalBase: string): boolean {
  return normalBase === "" || normal === normalBase || normal.endsWith(`,${normalBase}`);
}

/** The value of the nearest part: "Amy Wong" of cn=Amy Wong,ou=people. */
export function rdnValue(text: string): string {
  return parseDn(text)?.[0]?.[0]?.value || text;
}

/** A value as it is written in a distinguished name (RFC 4514, 2.4). */
export function escapeValue(value: string): string {
  return value
    .replaceAll(/[\\"+,;<>=]/g, (character) => `\\${character}`)
    .replaceAll("\u0000", "\\00")
    .replace(/^[# ]/, (character) => `\\${character}`)
    .replace(/ $/, "\\ ");
}

const folded = (value: string) => value.normalize("NFC").toLowerCase().trim().replaceAll(/\s+/g, " ");

function splitUnescaped(text: string, separator: RegExp): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === "\\") at++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && separator.test(character)) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function parsePair(text: string): { type: string; value: string } | null {
  const match = /^\s*([a-z][a-z0-9-]*|\d+(?:\.\d+)*)\s*=([\s\S]*)$/i.exec(text);
  if (!match) return null;
  const [, type = "", raw = ""] = match;
  const value = unescaped(raw);
  return value === null ? null : { type, value };
}

// Escaped bytes are UTF-8: \C3\A9 is one letter.
function unescaped(raw: string): string | null {
  const text = raw.replace(/^\s+/, "").replace(/(?<!\\)\s+$/, "");
  const quoted = /^"([\s\S]*)"$/.exec(text);
  const inner = quoted?.[1] ?? text;
  if (!inner.includes("\\")) return inner;
  const bytes: Buffer[] = [];
  for (let at = 0; at < inner.length; at++) {
    const character = inner.codePointAt(at) ?? 0;
    const letter = String.fromCodePoint(character);
    if (letter !== "\\") {
      bytes.push(Buffer.from(letter));
      at += letter.length - 1;
      continue;
    }
    const pair = inner.slice(at + 1, at + 3);
    if (/^[0-9a-f]{2}$/i.test(pair)) {
      bytes.push(Buffer.from(pair, "hex"));
      at += 2;
    } else if (at + 1 < inner.length) {
      const next = String.fromCodePoint(inner.codePointAt(at + 1) ?? 0);
      bytes.push(Buffer.from(next));
      at += next.length;
    } else return null;
  }
  return Buffer.concat(bytes).toString("utf8");
}
