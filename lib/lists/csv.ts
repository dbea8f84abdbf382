import { guardFormula } from "../connectors/formula-text";

// RFC 4180, made safe for spreadsheets as OWASP ASVS 5.0, 1.2.10 asks: a cell that a spreadsheet would take for a formula
// begins with a single quote, which an import takes off again. Every cell stands in double quotes, so that separators and
// line ends within are content.

/** One value as a cell. */
export function csvCell(value: unknown): string {
  const text = textOf(value);
  return `"${guardFormula(text).replaceAll('"', '""')}"`;
}

/** One line, with its end. */
export function csvLine(values: readonly unknown[]): string {
  return `${values.map(csvCell).join(",")}\r\n`;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(textOf).join("; ");
  return String(value).replaceAll("\u0000", "\ufffd");
}
