import { ConnectorError } from "../connector-error";
import type { SourceFile } from "../contract";
import { type Role, rolesOf } from "../file-headers";
import type { NumberedRow } from "../file-read";
import { type TextFacts, textOf } from "../file-text";
import { isNativeArray } from "./native";
import { depthOf, type JsonRow, parseRow } from "./parse-row";
import { deepest, type JsonFault, jsonScanner, longestRow } from "./scan-json";
import type { JsonSettings } from "./schema";

export type JsonPage = (NumberedRow<JsonRow> & { path: string })[];
export type JsonTable = {
  isLines: boolean;
  rows: AsyncGenerator<JsonPage>;
  /** The arrays that were there, complete when the rows have ended. */
  paths: Set<string>;
};

const sampleLength = 262_144;
const faults: Record<JsonFault | "not_an_object", { sort: string; message: string; remedy: string }> = {
  row_too_long: {
    sort: "that are too long",
    message: `it is longer than ${longestRow} characters and is left out.`,
    remedy: "Leave out what is not needed when you export it.",
  },
  nested_too_deeply: {
    sort: "that nest too deeply",
    message: `it nests more than ${deepest} deep and is left out.`,
    remedy: "Export it flat.",
  },
  not_an_object: {
    sort: "that are no JSON objects",
    message: "it is not a JSON object and is left out.",
    remedy: "Check the file with a JSON checker.",
  },
};

/** Opens a JSON file: one value with arrays of objects in it, or JSON Lines. */
export async function openJson(file: SourceFile, settings: JsonSettings): Promise<JsonTable> {
  const facts: TextFacts = { encoding: null, mixedFromLine: null };
  const texts = textOf(file, settings.encoding, facts);
  let sample = "";
  let isWhole = false;
  while (sample.length < sampleLength && !isWhole) {
    const next = await texts.next();
    if (next.done) isWhole = true;
    else sample += next.value;
  }
  const all = join(sample, texts, isWhole);
  if (isLines(sample, isWhole)) {
    const paths = new Set([""]);
    return { isLines: true, rows: lines(file.name, all), paths };
  }
  const scanner = jsonScanner(file.name);
  return { isLines: false, rows: scanned(scanner, all), paths: scanner.paths };
}

// JSON Lines: the first line is an object by itself, and another follows; or it is the only one, and is a row itself
// rather than something around rows.
function isLines(sample: string, isWhole: boolean): boolean {
  const begin = sample.trimStart();
  const feed = begin.indexOf("\n");
  const first = parseRow(feed < 0 ? begin : begin.slice(0, feed));
  if (first === null) return false;
  if (feed >= 0 && begin.slice(feed).trim() !== "") return true;
  const keys = Object.keys(first);
  if (!isWhole || keys.some(isNativeArray)) return false;
  const roles = rolesOf(keys);
  return ["id", "username", "email"].some((role) => roles.has(role as Role)) || !holdsRows(first, 3);
}

function holdsRows(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null || depth < 0) return false;
  if (Array.isArray(value)) return value.some((item) => typeof item === "object" && item !== null);
  return Object.values(value).some((part) => holdsRows(part, depth - 1));
}

async function* join(sample: string, texts: AsyncGenerator<string>, isWhole: boolean): AsyncGenerator<string> {
  yield sample;
  if (!isWhole) for await (const text of texts) yield text;
}

async function* scanned(
  scanner: ReturnType<typeof jsonScanner>,
  texts: AsyncGenerator<string>,
): AsyncGenerator<JsonPage> {
  for await (const text of texts) {
    // A page for every 64 KB, so that a long first piece does not make one long page.
    for (let at = 0; at < text.length; at += 65_536) {
      const slices = scanner.push(text.slice(at, at + 65_536));
      if (slices.length > 0)
        yield slices.map((slice) => ({ ...rowOf(slice.text, slice.number, slice.fault), path: slice.path }));
    }
  }
  scanner.end();
}

async function* lines(name: string, texts: AsyncGenerator<string>): AsyncGenerator<JsonPage> {
  let rest = "";
  let isDropping = false;
  let number = 0;
  const rowsOf = (complete: string[]): JsonPage =>
    complete.flatMap((line) => {
      number++;
      const wasDropping = isDropping;
      isDropping = false;
      if (wasDropping) return [{ ...rowOf("", number, "row_too_long"), path: "" }];
      if (line.trim() === "") return [];
      const fault = line.length > longestRow ? "row_too_long" : depthOf(line) > deepest ? "nested_too_deeply" : null;
      return [{ ...rowOf(line, number, fault), path: "" }];
    });
  for await (const text of texts) {
    const pieces = (rest + text).split("\n");
    rest = pieces.pop() ?? "";
    if (pieces.length > 0) yield rowsOf(pieces);
    if (rest.length > longestRow) {
      isDropping = true;
      rest = "";
    }
  }
  if (rest.trim() === "" && !isDropping) return;
  if (isDropping || parseRow(rest) === null) throw cutLine(name, number + 1);
  yield rowsOf([rest]);
}

function rowOf(text: string, number: number, fault: JsonFault | null): NumberedRow<JsonRow> {
  const row = fault ? null : parseRow(text);
  if (row) return { number, row, fault: null };
  return { number, row: {}, fault: faults[fault ?? "not_an_object"] };
}

function cutLine(name: string, line: number): ConnectorError {
  return new ConnectorError("invalid", `${name} ends in the middle of line ${line}. Nothing was changed.`, {
    object: `${name}, line ${line}`,
    remedy: "Export or upload the file again; it was cut off.",
  });
}
