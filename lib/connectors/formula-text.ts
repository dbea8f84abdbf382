// A spreadsheet takes a cell that begins with one of these for a formula (OWASP ASVS 5.0, 1.2.10).
const guarded = /^'*[=+\-@\t\r\n\0]/;
const guarding = /^'+[=+\-@\t\r\n\0]/;

/** Text for a cell of an export: what a spreadsheet would run gets a `'` in front, and nothing else changes. */
export function guardFormula(text: string): string {
  return guarded.test(text) ? `'${text}` : text;
}

/** Undoes `guardFormula`, exactly: for every text, `unguardFormula(guardFormula(text)) === text`. */
export function unguardFormula(text: string): string {
  return text.charCodeAt(0) === 39 && guarding.test(text) ? text.slice(1) : text;
}
