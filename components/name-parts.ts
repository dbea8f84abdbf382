// What a system calls a thing is hostile text. Controls, direction overrides and invisible characters could make one
// name look like another; they are shown by their code point.
const hidden = /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/u;
const tailLength = 10;

/** The name with every character in sight. */
export function visibleName(name: string): string {
  return name.replace(hidden, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\u27e8${code.toString(16).toUpperCase().padStart(4, "0")}\u27e9`;
  });
}

/**
 * Head and tail of a name. The browser shortens the head by the width that is there and keeps the tail, since names of
 * machines differ at their end. Cut between characters as people see them; short names and right-to-left ones stay in
 * one piece.
 */
export function nameParts(name: string): { head: string; tail: string } {
  const shown = visibleName(name);
  if (shown.length <= tailLength + 4 || rightToLeft.test(shown)) return { head: shown, tail: "" };
  const characters = [...new Intl.Segmenter("en", { granularity: "grapheme" }).segment(shown.slice(-4 * tailLength))];
  const last = characters
    .slice(-tailLength)
    .map((one) => one.segment)
    .join("");
  // A code point that stands for a hidden character is read whole or not at all.
  const tail = last.replace(/^[0-9A-F]{0,6}\u27e9/u, "");
  return { head: shown.slice(0, shown.length - tail.length), tail };
}
