/**
 * A value from outside as one harmless line: no control characters, no line breaks, nothing that turns the direction of
 * what follows; at most `longest` characters.
 */
export function oneLine(value: string, longest = 300): string {
  const clean = value
    // A text of a megabyte is cut before it is looked at.
    .slice(0, longest * 4)
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ")
    .replace(/[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, "")
    .replace(/ {2,}/g, " ")
    .trim()
    .toWellFormed();
  const letters = [...clean];
  return letters.length <= longest
    ? clean
    : `${letters
        .slice(0, longest - 1)
        .join("")
        .trimEnd()}…`;
}

/** The same, with its direction isolated from the sentence around it (Unicode UAX 9, section 2.4). */
export function isolated(value: string, longest?: number): string {
  return `\u2068${oneLine(value, longest)}\u2069`;
}

/** Text as it may stand in HTML, also inside a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
