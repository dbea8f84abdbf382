import { ConnectorError } from "./connector-error";
import type { FileMapping } from "./contract";
import { guessMapping } from "./file-guess";
import { type ColumnMapping, columnMapping } from "./file-mapping";

type Table = {
  /** Of the file. */
  name: string;
  columns: readonly string[];
  /** Some values of a column. */
  sample: (column: string) => string[];
  mapping: FileMapping | null;
};

/**
 * The mapping that was saved, checked against the file, or the one that its columns suggest.
 * @throws ConnectorError `invalid` when neither fits.
 */
export function chooseMapping({ name, columns, sample, mapping }: Table): ColumnMapping {
  if (mapping === null) {
    const guess = guessMapping(columns, sample);
    if (guess) return guess;
    const listed = columns.slice(0, 8).join(", ");
    throw new ConnectorError("invalid", `The columns of ${name} name no account, group or resource: ${listed}.`, {
      object: `${name}, row 1`,
      remedy: "Say in the mapping which columns hold what; the first row must name the columns.",
    });
  }
  const parsed = parseMapping(mapping);
  const missing = columnsIn(parsed).filter((column) => !columns.includes(column));
  if (missing.length === 0) return parsed;
  const listed = missing.slice(0, 5).join(", ");
  throw new ConnectorError(
    "invalid",
    `${name} has no column ${listed}, which the mapping takes. Nothing was changed.`,
    {
      object: `${name}, row 1`,
      remedy: "Export the file with the same columns as before, or change the mapping.",
    },
  );
}

/** @throws ConnectorError `invalid`, naming the place in the mapping. */
export function parseMapping(mapping: FileMapping): ColumnMapping {
  const parsed = columnMapping.safeParse(mapping);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ConnectorError(
    "invalid",
    `The mapping is not valid: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`,
    {
      object: "mapping",
      remedy: "Correct the mapping; docs/connectors/files.md describes it.",
    },
  );
}

/** Every column that a mapping takes something from. */
export function columnsIn(mapping: ColumnMapping): string[] {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if ("column" in value && typeof value.column === "string") found.add(value.column);
    if ("columns" in value && Array.isArray(value.columns))
      for (const column of value.columns) found.add(String(column));
    for (const part of Object.values(value)) visit(part);
  };
  visit(mapping.rules);
  return [...found];
}
