import type { FilePreview, ReadEvent } from "./contract";
import type { ColumnMapping } from "./file-mapping";
import type { RowMapper } from "./file-rows";
import type { Observation, ObservationKind } from "./schema";

/** Rows as a file's own reader gives them; `fault` names what is wrong with one that cannot be used. */
export type NumberedRow<Row> = {
  number: number;
  row: Row;
  fault: { sort: string; message: string; remedy: string } | null;
};

const batch = 200;
const previewRows = 20;
const previewObservations = 50;
const previewColumns = 200;
const previewCell = 200;

/**
 * The events of a mapped file. Its kinds end only after the last row was read well: whatever is thrown on the way ends
 * nothing.
 */
export async function* readRows<Row>(
  rows: AsyncIterable<NumberedRow<Row>[]>,
  mapper: RowMapper<Row>,
  mapping: ColumnMapping,
  signal: AbortSignal,
): AsyncGenerator<ReadEvent> {
  const { problems } = mapper;
  let items: Observation[] = [];
  for (const coverage of coverageOf(mapping)) yield { type: "coverage", coverage };
  for await (const page of rows) {
    signal.throwIfAborted();
    for (const { number, row, fault } of page) {
      if (fault) problems.add(fault.sort, number, fault.message, fault.remedy);
      else items.push(...mapper.map(row, number));
      if (items.length < batch) continue;
      yield { type: "observations", items };
      items = [];
    }
    // Not `yield*`: over what is no stream it chains promises, which keep every page until the collector sweeps all.
    for (const problem of problems.take()) yield problem;
  }
  signal.throwIfAborted();
  if (items.length > 0) yield { type: "observations", items };
  for (const problem of problems.take()) yield problem;
  for (const problem of problems.rest()) yield problem;
  for (const kind of kindsOf(mapping)) {
    signal.throwIfAborted();
    yield { type: "ended", kind };
  }
}

/** What the first rows of a file would become. */
export function previewOf<Row>(
  rows: readonly NumberedRow<Row>[],
  mapper: RowMapper<Row>,
  mapping: ColumnMapping,
  table: { columns: string[]; cellsOf: (row: Row) => string[] },
  notes: string[],
): FilePreview {
  const observations: Observation[] = [];
  for (const { number, row, fault } of rows) {
    if (fault) mapper.problems.add(fault.sort, number, fault.message, fault.remedy);
    else observations.push(...mapper.map(row, number));
  }
  const shorten = (text: string) => (text.length > previewCell ? `${text.slice(0, previewCell - 1)}…` : text);
  const problems = [...mapper.problems.take(), ...mapper.problems.rest()];
  return {
    mapping,
    columns: table.columns.slice(0, previewColumns).map(shorten),
    rows: rows.slice(0, previewRows).map(({ row }) => table.cellsOf(row).slice(0, previewColumns).map(shorten)),
    observations: observations.slice(0, previewObservations),
    problems: [...notes, ...problems.map(({ message, remedy }) => (remedy ? `${message} ${remedy}` : message))],
  };
}

// A file tells when something was used, and never since when somebody watched: what it does not name stays unknown.
function coverageOf(mapping: ColumnMapping) {
  return (["account", "credential", "entitlement"] as const).map((subject) => {
    const kinds: readonly string[] = subject === "account" ? ["account", "group"] : [subject];
    const tells = mapping.rules.some(
      (rule) => kinds.includes(rule.kind) && "lastUsedAt" in rule && rule.lastUsedAt !== undefined,
    );
    const because = tells
      ? "the file says when it was last used, but not since when use was watched"
      : "the file says nothing of its use";
    return { subject, complete: false, since: null, because };
  });
}

function kindsOf(mapping: ColumnMapping): ObservationKind[] {
  const kinds = mapping.rules.map(({ kind }) => (kind === "account" || kind === "group" ? "principal" : kind));
  return [...new Set(kinds)];
}
