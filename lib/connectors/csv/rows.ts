import { ConnectorError } from "../connector-error";
import type { SourceFile } from "../contract";
import type { NumberedRow } from "../file-read";
import type { ColumnReader } from "../file-rows";
import { type TextFacts, textOf } from "../file-text";
import { unguardFormula } from "../formula-text";
import { type CsvFault, type CsvRow, csvParser, longestCell, mostColumns } from "./parse-csv";
import type { CsvSettings } from "./schema";

const sampleLength = 65_536;
const candidates = [",", ";", "\t", "|"] as const;

export type CsvTable = {
  columns: string[];
  /** What a reader of the preview should know of the file as a whole. */
  notes: string[];
  /** The rows after the header, a page at a time. */
  rows: AsyncGenerator<NumberedRow<string[]>[]>;
};

const faults: Record<CsvFault, { sort: string; message: string; remedy: string }> = {
  cell_too_long: {
    sort: "with a cell that is too long",
    message: `a cell is longer than ${longestCell} characters; the row is left out.`,
    remedy: "Shorten the cell, or check for a quote that nobody closed.",
  },
  too_many_cells: {
    sort: "with too many cells",
    message: `there are more than ${mostColumns} cells; the row is left out.`,
    remedy: "Check the delimiter, or take the columns out that are not needed.",
  },
  text_after_quote: {
    sort: "with text after a closing quote",
    message: "text follows a closing quote; the row is left out.",
    remedy: 'Write a quote inside quotes twice: "a ""quoted"" word".',
  },
};

/** Opens a CSV file: tells its encoding and delimiter, reads the header, and streams the rest. */
export async function openCsv(file: SourceFile, settings: CsvSettings): Promise<CsvTable> {
  const facts: TextFacts = { encoding: null, mixedFromLine: null };
  const texts = textOf(file, settings.encoding, facts);
  const { sample, isWhole } = await firstText(texts);
  const { text, named } = withoutSeparatorLine(sample);
  const delimiter =
    named ??
    (settings.delimiter === "auto" ? delimiterOf(text) : settings.delimiter === "tab" ? "\t" : settings.delimiter);
  const parser = csvParser(delimiter);
  const first = parser.push(text);
  let ended: ReturnType<typeof parser.end> | null = null;
  // A header can be longer than the sample.
  while (first.length === 0 && !ended) {
    const next = isWhole ? ({ done: true } as const) : await texts.next();
    if (next.done) {
      ended = parser.end();
      first.push(...ended.rows);
    } else first.push(...parser.push(next.value));
  }
  const header = first.shift();
  if (!header) throw emptyFile(file.name);
  if (header.fault || ended?.end.openQuote) throw badHeader(file.name, header.fault);
  const { columns, notes } = columnsOf(header.cells);
  const rows = pages({ file, texts, parser, first, ended, isWhole, width: columns.length, firstNumber: named ? 1 : 0 });
  return { columns, notes, rows };
}

/** How a column is read, by its name; a name that is there twice means the first. */
export function columnReaders(columns: readonly string[]): (column: string) => ColumnReader<string[]> | null {
  const indexes = new Map(columns.map((column, index) => [column, index]));
  return (column) => {
    const index = indexes.get(column);
    if (index === undefined) return null;
    return (row) => {
      const cell = row[index];
      return cell === undefined || cell === "" ? [] : [unguardFormula(cell)];
    };
  };
}

async function firstText(texts: AsyncGenerator<string>): Promise<{ sample: string; isWhole: boolean }> {
  let sample = "";
  while (sample.length < sampleLength) {
    const next = await texts.next();
    if (next.done) return { sample, isWhole: true };
    sample += next.value;
  }
  return { sample, isWhole: false };
}

// Excel's own way of naming the delimiter: a first line "sep=;".
function withoutSeparatorLine(sample: string): { text: string; named: string | null } {
  const line = /^sep=(.)\r?\n/i.exec(sample);
  return line ? { text: sample.slice(line[0].length), named: line[1] ?? "," } : { text: sample, named: null };
}

/** The delimiter under which the first rows have the same number of cells, and more than one. */
function delimiterOf(sample: string): string {
  let best: { delimiter: string; score: number } = { delimiter: ",", score: 0 };
  for (const delimiter of candidates) {
    const rows = csvParser(delimiter).push(`${sample}\n`).slice(0, 30);
    const width = rows[0]?.cells.length ?? 0;
    if (width < 2) continue;
    const agreeing = rows.filter((row) => row.cells.length === width && !row.fault).length / rows.length;
    const score = agreeing * 100 + Math.min(width, 50) / 100;
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

function columnsOf(cells: readonly string[]): { columns: string[]; notes: string[] } {
  const notes: string[] = [];
  const seen = new Map<string, number>();
  const columns = cells.map((cell, index) => {
    const name = unguardFormula(cell).trim().slice(0, 500) || `Column ${index + 1}`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  });
  const twice = [...seen].filter(([, count]) => count > 1).map(([name]) => name);
  if (twice.length > 0)
    notes.push(`The header names ${twice.slice(0, 5).join(", ")} more than once; later ones are called “name (2)”.`);
  return { columns, notes };
}

type Reading = {
  file: SourceFile;
  texts: AsyncGenerator<string>;
  parser: ReturnType<typeof csvParser>;
  first: CsvRow[];
  ended: { rows: CsvRow[]; end: { rows: number; openQuote: number | null; endsWithBreak: boolean } } | null;
  isWhole: boolean;
  width: number;
  firstNumber: number;
};

async function* pages({
  file,
  texts,
  parser,
  first,
  ended,
  isWhole,
  width,
  firstNumber,
}: Reading): AsyncGenerator<NumberedRow<string[]>[]> {
  const check = (row: CsvRow) => numbered(row, width, firstNumber);
  const usable = (rows: CsvRow[]) => rows.filter((row) => row.fault || row.cells.some((cell) => cell.trim() !== ""));
  yield usable(first).map(check);
  if (!isWhole && !ended) for await (const text of texts) yield usable(parser.push(text)).map(check);
  const { rows, end } = ended ?? parser.end();
  if (end.openQuote !== null) throw openQuote(file.name, end.openQuote + firstNumber);
  const last = ended ? [] : usable(rows);
  const cut = last.at(-1);
  if (cut && !end.endsWithBreak && cut.cells.length < width && width > 1)
    throw cutRow(file.name, cut.number + firstNumber, cut.cells.length, width);
  yield last.map(check);
}

function numbered(row: CsvRow, width: number, firstNumber: number): NumberedRow<string[]> {
  const number = row.number + firstNumber;
  if (row.fault) return { number, row: row.cells, fault: faults[row.fault] };
  if (row.cells.length <= width || row.cells.slice(width).every((cell) => cell.trim() === "")) {
    return { number, row: row.cells, fault: null };
  }
  const fault = {
    sort: "with more cells than the header",
    message: `there are ${row.cells.length} cells under ${width} headers; the row is left out.`,
    remedy: "Put cells that hold the delimiter in quotes.",
  };
  return { number, row: row.cells, fault };
}

function emptyFile(name: string): ConnectorError {
  return new ConnectorError("invalid", `${name} is empty. Nothing was changed.`, {
    object: name,
    remedy: "Export it again; the first row names the columns.",
  });
}

function badHeader(name: string, fault: CsvFault | null): ConnectorError {
  const why =
    fault === "too_many_cells"
      ? `there are more than ${mostColumns} columns`
      : "a quote in it is not closed, or a name is far too long";
  return new ConnectorError("limit", `The header of ${name} cannot be read: ${why}.`, {
    object: `${name}, row 1`,
    remedy: "Check the first row and the delimiter.",
  });
}

function openQuote(name: string, row: number): ConnectorError {
  return new ConnectorError(
    "invalid",
    `${name}: a quote that opens in row ${row} is not closed. Nothing was changed.`,
    {
      object: `${name}, row ${row}`,
      remedy: "Close the quote, or write a quote that belongs to the text twice.",
    },
  );
}

function cutRow(name: string, row: number, cells: number, width: number): ConnectorError {
  const message = `${name} ends in the middle of row ${row}: ${cells} of ${width} cells. Nothing was changed.`;
  return new ConnectorError("invalid", message, {
    object: `${name}, row ${row}`,
    remedy: "Export or upload the file again; it was cut off.",
  });
}
