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
    if (item.kind === "membership" || item.kind === "assignment") return !wasRecent(JSON.stringify(item));
    const key = JSON.stringify(keyOf(item));
    const seen = things.see(key, JSON.stringify(item), number);
    if (seen === null) return true;
    if (!seen.isSame && !rule.repeats && !rule.each) {
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

function keyOf(item: Exclude<Observation, { kind: "membership" | "assignment" }>): string[] {
  if (item.kind === "resource") return ["r", item.type, item.externalId];
  if (item.kind === "credential") return ["c", item.account, item.credentialKind, item.externalId];
  return ["p", item.externalId];
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
  const parts = cells.flatMap((cell) => (split === null ? [cell] : cell.split(split))).map((part) => part.trim());
  return [...new Set(parts)].filter((part) => !values.saysNothing(part));
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
