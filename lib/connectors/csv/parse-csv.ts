/** A row of a CSV file. `fault` says why it cannot be used; its cells are then what could be read. */
export type CsvRow = { number: number; cells: string[]; fault: CsvFault | null };

export type CsvFault = "cell_too_long" | "too_many_cells" | "text_after_quote";

/** How the file ended: `openQuote` is the row whose quote nobody closed, or closed rows later in mid-cell. */
export type CsvEnd = { rows: number; openQuote: number | null; endsWithBreak: boolean };

export const longestCell = 1_000_000;
export const mostColumns = 10_000;

const quote = 34;
const feed = 10;
const carriage = 13;

/**
 * Parses CSV (RFC 4180; line breaks of any kind, quotes inside a bare cell taken as they are) from text that comes in
 * pieces. A cell beyond `longestCell` and cells beyond `mostColumns` are dropped as they pass by, so that memory stays
 * flat whatever the file holds.
 */
export function csvParser(delimiter: string): { push(text: string): CsvRow[]; end(): { rows: CsvRow[]; end: CsvEnd } } {
  const separator = delimiter.charCodeAt(0);
  let rows: CsvRow[] = [];
  let cells: string[] = [];
  let cell = "";
  let fault: CsvFault | null = null;
  let number = 1;
  let mode: "start" | "bare" | "quoted" | "closing" = "start";
  let afterCarriage = false;
  let openQuote: number | null = null;
  let spansRows = false;
  let hasQuotes = false;

  const append = (text: string) => {
    if (cell.length + text.length > longestCell) fault ??= "cell_too_long";
    else cell += text;
  };
  const endCell = () => {
    if (cells.length < mostColumns) cells.push(cell);
    else fault ??= "too_many_cells";
    cell = "";
    mode = "start";
    spansRows = false;
  };
  const endRow = () => {
    endCell();
    if (cells.length > 1 || cells[0] !== "" || fault || hasQuotes) rows.push({ number, cells, fault });
    number++;
    cells = [];
    fault = null;
    hasQuotes = false;
  };

  const push = (text: string): CsvRow[] => {
    const length = text.length;
    let at = 0;
    while (at < length) {
      if (mode === "quoted") {
        const close = text.indexOf('"', at);
        const end = close < 0 ? length : close;
        const part = text.slice(at, end);
        if (!spansRows && /[\r\n]/.test(part)) spansRows = true;
        append(part);
        at = end + 1;
        if (close >= 0) mode = "closing";
        continue;
      }
      const code = text.charCodeAt(at);
      if (afterCarriage) {
        afterCarriage = false;
        if (code === feed) {
          at++;
          continue;
        }
      }
      if (mode === "start" && code === quote) {
        mode = "quoted";
        hasQuotes = true;
        at++;
      } else if (mode === "closing" && code === quote) {
        append('"');
        mode = "quoted";
        at++;
      } else if (code === separator) {
        endCell();
        at++;
      } else if (code === feed || code === carriage) {
        endRow();
        afterCarriage = code === carriage;
        at++;
      } else {
        if (mode === "closing") {
          fault ??= "text_after_quote";
          if (spansRows) openQuote ??= number;
        }
        mode = "bare";
        const begin = at;
        for (at++; at < length; at++) {
          const next = text.charCodeAt(at);
          if (next === separator || next === feed || next === carriage) break;
        }
        append(text.slice(begin, at));
      }
    }
    const done = rows;
    rows = [];
    return done;
  };

  const end = () => {
    const endsWithBreak = mode === "start" && cells.length === 0;
    if (mode === "quoted") openQuote ??= number;
    if (!endsWithBreak) endRow();
    return { rows, end: { rows: number - 1, openQuote, endsWithBreak } };
  };
  return { push, end };
}

/** A table as CSV that `csvParser` reads back exactly. */
export function csvText(rows: readonly (readonly string[])[], delimiter = ","): string {
  const needsQuotes = new RegExp(`["\\r\\n${delimiter === "|" ? "\\|" : delimiter}]`);
  const cellText = (cell: string) => (needsQuotes.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  // A row of one empty cell would be a blank line.
  return rows.map((row) => (row.length === 1 && row[0] === "" ? '""' : row.map(cellText).join(delimiter))).join("\r\n");
}
