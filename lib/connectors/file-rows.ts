import type { ColumnMapping, Rule, Take } from "./file-mapping";
import { builders, RowProblem } from "./file-observations";
import { type ProblemLog, problemLog, quoted } from "./file-problems";
import { recentThings, seenThings } from "./file-seen";
import * as values from "./file-values";
import type { Observation } from "./schema";

/** How one column of a row is read: its values, several where the row holds a list. */
export type ColumnReader<Row> = (row: Row) => readonly string[];

/** Turns rows into observations, one after another. */
export type RowMapper<Row> = { map(row: Row, number: number): Observation[]; problems: ProblemLog };

type RuleMaker<Row> = (row: Row, number: number) => Observation[];

/**
 * Makes the mapper of a mapping. `columnReader` gives the reader of a column, or null when the file has none of that name.
 * A thing that cannot be made is named with its row and left out; a field that is not understood is left empty.
 */
export function rowMapper<Row>(
  mapping: ColumnMapping,
  columnReader: (column: string) => ColumnReader<Row> | null,
): RowMapper<Row> {
  const problems = problemLog();
  const isNew = newcomers(problems);
  const makers = mapping.rules.map((rule) => makerOf(rule, mapping, columnReader, problems));
  const map = (row: Row, number: number): Observation[] => {
    const made: Observation[] = [];
    for (const [index, make] of makers.entries()) {
      const rule = mapping.rules[index];
      try {
        for (const item of make(row, number)) if (rule && isNew(item, rule, number)) made.push(item);
      } catch (error) {
        if (!(error instanceof RowProblem)) throw error;
        problems.add(error.sort, number, error.message, error.remedy);
      }
    }
    return made;
  };
  return { map, problems };
}

// The first of each thing; a second that says something else is a problem, unless the rule expects repeats.
function newcomers(problems: ProblemLog): (item: Observation, rule: Rule, number: number) => boolean {
  const things = seenThings();
  const wasRecent = recentThings();
  return (item, rule, number) => {
    if (item.kind === "membership" || item.kind === "assignment") return !wasRecent(edgeText(item));
    const expectsRepeats = rule.repeats || rule.each !== undefined;
    const seen = things.see(keyOf(item), expectsRepeats ? "" : contentText(item), number);
    if (seen === null) return true;
    if (!seen.isSame && !expectsRepeats) {
      problems.add(
        "an id that another row has too",
        number,
        `${item.kind} ${quoted(item.externalId)} is in row ${seen.row} already, and says something else there. The first is kept.`,
        "Give each its own id, or add a prefix to one of them in the mapping.",
      );
    }
    return false;
  };
}

type Thing = Exclude<Observation, { kind: "membership" | "assignment" }>;

// These run for every row, so they join texts rather than write JSON; NUL stands in no cell that matters.
function keyOf(item: Thing): string {
  if (item.kind === "resource") return `r\0${item.type}\0${item.externalId}`;
  if (item.kind === "credential") return `c\0${item.account}\0${item.credentialKind}\0${item.externalId}`;
  return `p\0${item.externalId}`;
}

function contentText(item: Thing): string {
  const { name, attributes = {} } = item;
  const rest =
    item.kind === "account" || item.kind === "group"
      ? `${item.displayName}\0${item.email}\0${item.employeeNumber}\0${item.managerExternalId}\0${item.status}`
      : item.kind === "credential"
        ? item.status
        : item.parent?.externalId;
  return `${item.kind}\0${name}\0${rest}\0${Object.values(attributes).join("\0")}`;
}

function edgeText(item: Exclude<Observation, Thing>): string {
  if (item.kind === "membership") {
    return `${item.member}\0${item.group}\0${item.inherits}\0${item.switches}\0${item.administers}`;
  }
  const { type, externalId } = item.resource;
  return `${item.holder}\0${type}\0${externalId}\0${item.permission}\0${item.condition}\0${item.grantable}`;
}

function makerOf<Row>(
  rule: Rule,
  mapping: ColumnMapping,
  columnReader: (column: string) => ColumnReader<Row> | null,
  problems: ProblemLog,
): RuleMaker<Row> {
  const { kind, when, each, repeats: _, ...fields } = rule;
  const whenReader = when ? columnReader(when.column) : null;
  const wanted = new Set(when?.is.map((word) => word.toLowerCase()));
  const eachReader = each ? columnReader(each.column) : null;
  const plain = Object.entries(fields).flatMap(([field, value]): [string, Getter<Row>][] =>
    field === "attributes" || value === undefined ? [] : [[field, getterOf(value as Take, columnReader)]],
  );
  const attributes = Object.entries(("attributes" in rule && rule.attributes) || {}).map(
    ([name, value]): [string, Getter<Row>] => [name, getterOf(value, columnReader)],
  );
  const build = builders[kind];
  return (row, number) => {
    if (when && !(whenReader?.(row) ?? []).some((value) => wanted.has(value.trim().toLowerCase()))) return [];
    const parts = each ? partsOf(eachReader?.(row) ?? [], each.split) : [""];
    return parts.map((part) => {
      const given: Record<string, string> = {};
      for (const [field, get] of plain) given[field] = get(row, part);
      const extra = attributes.flatMap(([name, get]): [string, string][] => {
        const text = get(row, part);
        return text === "" ? [] : [[name, text]];
      });
      return build({ given, extra, number, dates: mapping.dates, problems });
    });
  };
}

function partsOf(cells: readonly string[], split: string | null): string[] {
  const parts = new Set<string>();
  for (const cell of cells) {
    for (const piece of split === null ? [cell] : cell.split(split)) {
      const part = piece.trim();
      if (!values.saysNothing(part)) parts.add(part);
    }
  }
  return [...parts];
}

type Getter<Row> = (row: Row, part: string) => string;

function getterOf<Row>(take: Take, columnReader: (column: string) => ColumnReader<Row> | null): Getter<Row> {
  if ("value" in take) return () => take.value;
  if ("columns" in take) {
    const readers = take.columns.map(columnReader);
    return (row) =>
      readers
        .map((read) => read?.(row)[0]?.trim() ?? "")
        .filter((text) => text !== "")
        .join(take.join);
  }
  const translated = new Map(Object.entries(take.words ?? {}).map(([word, meaning]) => [word.toLowerCase(), meaning]));
  const finish = (raw: string): string => {
    const text = raw.trim();
    const meaning = translated.get(text.toLowerCase()) ?? text;
    return meaning === "" ? "" : (take.prefix ?? "") + meaning;
  };
  if ("part" in take) return (_row, part) => finish(part);
  const read = columnReader(take.column);
  return (row) => finish(read?.(row).join("; ") ?? "");
}
