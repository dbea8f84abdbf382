import { z } from "zod";
import type { Connector, Context, FileMapping, FilePreview, ReadEvent, SourceFile } from "../contract";
import { chooseMapping } from "../file-choose";
import { isSecretHeader } from "../file-guess";
import type { ColumnMapping } from "../file-mapping";
import { type NumberedRow, previewOf, readRows } from "../file-read";
import { rowMapper } from "../file-rows";
import { type CsvTable, columnReaders, openCsv } from "./rows";
import { type CsvSettings, csvSettings } from "./schema";

const noSecrets = z.strictObject({});
type Csv = Context<CsvSettings, z.infer<typeof noSecrets>>;
const sampleRows = 200;

/** A table from a file: what a system exports when it cannot be read itself. */
export const csv: Connector<CsvSettings, z.infer<typeof noSecrets>> = {
  name: "csv",
  label: "CSV file",
  description: "A table that another system exported: its columns become accounts, groups, access and credentials.",
  settings: csvSettings,
  secrets: noSecrets,
  words: { account: "account", group: "group" },
  readFile,
  previewFile,
};

async function* readFile(context: Csv, file: SourceFile, mapping: FileMapping | null): AsyncIterable<ReadEvent> {
  const { table, begin, chosen } = await open(context, file, mapping);
  const mapper = rowMapper(chosen, columnReaders(table.columns));
  for (const message of table.notes)
    yield { type: "problem", message, remedy: "Rename the columns if the wrong one is taken." };
  for await (const event of readRows(chain(begin, table.rows), mapper, chosen, context.signal)) yield event;
}

async function previewFile(context: Csv, file: SourceFile, mapping: FileMapping | null): Promise<FilePreview> {
  const { table, begin, chosen } = await open(context, file, mapping);
  await table.rows.return(undefined);
  file.stream.destroy();
  const secrets = table.columns.filter(isSecretHeader);
  const notes =
    secrets.length > 0 ? [`Not taken, because they look like secrets: ${secrets.slice(0, 5).join(", ")}.`] : [];
  const mapper = rowMapper(chosen, columnReaders(table.columns));
  return previewOf(begin, mapper, chosen, { columns: table.columns, cellsOf: (row) => row }, [
    ...table.notes,
    ...notes,
  ]);
}

// The mapping that is saved, or the one that the header and the first rows suggest.
async function open(
  { settings, signal }: Csv,
  file: SourceFile,
  mapping: FileMapping | null,
): Promise<{ table: CsvTable; begin: NumberedRow<string[]>[]; chosen: ColumnMapping }> {
  signal.throwIfAborted();
  const table = await openCsv(file, settings);
  const begin: NumberedRow<string[]>[] = [];
  while (begin.length < sampleRows) {
    const page = await table.rows.next();
    if (page.done) break;
    begin.push(...page.value);
  }
  const readers = columnReaders(table.columns);
  const sample = (column: string) => begin.flatMap(({ row }) => readers(column)?.(row) ?? []);
  return { table, begin, chosen: chooseMapping({ name: file.name, columns: table.columns, sample, mapping }) };
}

async function* chain<T>(begin: T[], rest: AsyncIterable<T[]>): AsyncGenerator<T[]> {
  yield begin;
  for await (const page of rest) yield page;
}
