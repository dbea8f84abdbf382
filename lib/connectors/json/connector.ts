import { z } from "zod";
import { ConnectorError } from "../connector-error";
import type { Connector, Context, FileMapping, FilePreview, ReadEvent, SourceFile } from "../contract";
import { chooseMapping, parseMapping } from "../file-choose";
import type { ColumnMapping } from "../file-mapping";
import { type ProblemLog, problemLog } from "../file-problems";
import { type NumberedRow, previewOf, readRows } from "../file-read";
import { rowMapper } from "../file-rows";
import { seenThings } from "../file-seen";
import type { Observation } from "../schema";
import { isNativeArray, keyOf, looksNative, nativeKinds, nativeObservation } from "./native";
import { columnsOf, type JsonRow, pathReader } from "./parse-row";
import { type JsonPage, type JsonTable, openJson } from "./rows";
import { type JsonSettings, jsonSettings, nativeMapping } from "./schema";

const noSecrets = z.strictObject({});
type Json = Context<JsonSettings, z.infer<typeof noSecrets>>;
type Row = JsonPage[number];
type Opened = { table: JsonTable; begin: JsonPage; columns: string[]; chosen: ColumnMapping | "native" };
const sampleRows = 200;

/** Objects from a file: an array, JSON Lines, an answer of an API, or Rollcall's own format. */
export const json: Connector<JsonSettings, z.infer<typeof noSecrets>> = {
  name: "json",
  label: "JSON file",
  description: "Objects that another system exported, or Rollcall's own format: accounts, groups, access, credentials.",
  settings: jsonSettings,
  secrets: noSecrets,
  words: { account: "account", group: "group" },
  readFile,
  previewFile,
};

async function* readFile(context: Json, file: SourceFile, mapping: FileMapping | null): AsyncIterable<ReadEvent> {
  const { table, begin, chosen } = await open(context, file, mapping);
  if (chosen === "native") {
    for await (const event of readNative(table, chain(begin, table.rows), context.signal)) yield event;
    return;
  }
  const path = chosen.rows ?? "";
  const mapper = rowMapper(chosen, pathReader);
  for await (const event of readRows(onlyPath(chain(begin, table.rows), path), mapper, chosen, context.signal)) {
    // Before the first kind ends the whole file has gone by, and its arrays are known.
    if (event.type === "ended" && !table.paths.has(path)) throw noArray(file.name, path);
    yield event;
  }
}

async function previewFile(context: Json, file: SourceFile, mapping: FileMapping | null): Promise<FilePreview> {
  const { table, begin, columns, chosen } = await open(context, file, mapping);
  await table.rows.return(undefined);
  file.stream.destroy();
  const cellsOf = (row: JsonRow) => columns.map((column) => pathReader(column)(row).join("; "));
  if (chosen !== "native") {
    const rows = begin.filter((row) => row.path === (chosen.rows ?? ""));
    return previewOf(rows, rowMapper(chosen, pathReader), chosen, { columns, cellsOf }, []);
  }
  const observations: Observation[] = [];
  const problems: string[] = [];
  for (const row of begin) {
    const made = row.fault
      ? { problem: row.fault.message }
      : isNativeArray(row.path)
        ? nativeObservation(row.path, row.row)
        : null;
    if (made && "item" in made) observations.push(made.item);
    else if (made) problems.push(`${row.path}, row ${row.number}: ${made.problem}`);
  }
  return {
    mapping: { format: "rollcall" },
    columns: ["array", ...columns].slice(0, sampleRows),
    rows: begin.slice(0, 20).map((row) => [row.path, ...cellsOf(row.row)].slice(0, sampleRows)),
    observations: observations.slice(0, 50),
    problems: problems.slice(0, 50),
  };
}

async function open({ settings, signal }: Json, file: SourceFile, mapping: FileMapping | null): Promise<Opened> {
  signal.throwIfAborted();
  const table = await openJson(file, settings);
  const begin: JsonPage = [];
  while (begin.length < sampleRows) {
    const page = await table.rows.next();
    if (page.done) break;
    begin.push(...page.value);
  }
  const rows = begin.map(({ row }) => row);
  if (mapping === null ? looksLikeOurs(begin, table) : nativeMapping.safeParse(mapping).success) {
    return { table, begin, columns: columnsOf(rows), chosen: "native" };
  }
  const path = mapping === null ? commonPath(begin) : (parseMapping(mapping).rows ?? "");
  const sample = begin.filter((row) => row.path === path && !row.fault).map(({ row }) => row);
  const columns = columnsOf(sample);
  if (mapping !== null) return { table, begin, columns, chosen: parseMapping(mapping) };
  const values = (column: string) => sample.flatMap((row) => pathReader(column)(row));
  const chosen = chooseMapping({ name: file.name, columns, sample: values, mapping: null });
  return { table, begin, columns, chosen: withLists({ ...chosen, ...(path ? { rows: path } : {}) }, sample) };
}

// Rollcall's own format: its arrays, with its fields; or all of them empty.
function looksLikeOurs(begin: JsonPage, table: JsonTable): boolean {
  if (begin.length > 0) return begin.some((row) => looksNative(row.path, row.row));
  return [...table.paths].some(isNativeArray);
}

function commonPath(begin: JsonPage): string {
  const counts = new Map<string, number>();
  for (const { path } of begin) counts.set(path, (counts.get(path) ?? 0) + 1);
  return [...counts].toSorted((one, other) => other[1] - one[1])[0]?.[0] ?? "";
}

// What is an array in JSON has its parts already; a mark inside one of them parts nothing.
function withLists(mapping: ColumnMapping, sample: readonly JsonRow[]): ColumnMapping {
  const isList = (column: string) =>
    sample.some((row) => pathReader(column)(row).length > 1) || sample.some((row) => Array.isArray(row[column]));
  const rules = mapping.rules.map((rule) =>
    rule.each && isList(rule.each.column) ? { ...rule, each: { ...rule.each, split: null } } : rule,
  );
  return { ...mapping, rules };
}

async function* onlyPath(pages: AsyncIterable<JsonPage>, path: string): AsyncGenerator<NumberedRow<JsonRow>[]> {
  for await (const page of pages) yield page.filter((row) => row.path === path);
}

async function* readNative(
  table: JsonTable,
  pages: AsyncIterable<JsonPage>,
  signal: AbortSignal,
): AsyncGenerator<ReadEvent> {
  const problems = problemLog();
  const things = seenThings();
  for (const subject of ["account", "credential", "entitlement"] as const) {
    const because = "a file says when something was last used, but not since when use was watched";
    yield { type: "coverage", coverage: { subject, complete: false, since: null, because } };
  }
  for await (const page of pages) {
    signal.throwIfAborted();
    const items = page.flatMap((row) => nativeItem(row, problems, things));
    if (items.length > 0) yield { type: "observations", items };
    for (const problem of problems.take()) yield problem;
  }
  for (const problem of problems.rest()) yield problem;
  for (const kind of nativeKinds(table.paths)) {
    signal.throwIfAborted();
    yield { type: "ended", kind };
  }
}

function nativeItem(row: Row, problems: ProblemLog, things: ReturnType<typeof seenThings>): Observation[] {
  const complain = (sort: string, message: string, remedy: string) =>
    problems.add(`of ${row.path} ${sort}`, row.number, `(${row.path}) ${message}`, remedy);
  if (!isNativeArray(row.path)) {
    complain(
      "that Rollcall does not know",
      "no array of this name is known; it is left out.",
      "The arrays are described in docs/connectors/files.md.",
    );
    return [];
  }
  if (row.fault) {
    complain(row.fault.sort, row.fault.message, row.fault.remedy);
    return [];
  }
  const made = nativeObservation(row.path, row.row);
  if ("problem" in made) {
    complain(
      "that are not valid",
      `${made.problem}; it is left out.`,
      "The fields are described in docs/connectors/files.md.",
    );
    return [];
  }
  const key = keyOf(made.item);
  const seen = key === null ? null : things.see(key, JSON.stringify(made.item), row.number);
  if (seen === null) return [made.item];
  if (!seen.isSame)
    complain(
      "with an id that another has too",
      `it has the id of row ${seen.row}, and says something else; the first is kept.`,
      "Give each its own id.",
    );
  return [];
}

function noArray(name: string, path: string): ConnectorError {
  return new ConnectorError(
    "invalid",
    `${name} has no array ${path === "" ? "of rows" : `at ${path}`}. Nothing was changed.`,
    {
      object: name,
      remedy: "Say in the mapping where the rows are, or export the file as before.",
    },
  );
}

async function* chain<T>(begin: T[], rest: AsyncIterable<T[]>): AsyncGenerator<T[]> {
  yield begin;
  for await (const page of rest) yield page;
}
