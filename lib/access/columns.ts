/** Rows, column by column; null where there are none. */
export type Columns<Row> = { [Name in keyof Row]: Row[Name][] | null };

/**
 * SQL: an aggregate that answers rows as one JSON object of columns. An object for each row would cost PostgreSQL
 * several times as much: it looks up how to write a type once for each aggregate, but once for each value in an object.
 */
export function columnsSql(columns: Record<string, string>): string {
  const parts = Object.entries(columns).map(([name, sql]) => `'${name}', json_agg(${sql})`);
  return `json_build_object(${parts.join(", ")})`;
}

/** The rows of the columns. Pure. */
export function rowsOf<Row extends object>(columns: Columns<Row>): Row[] {
  const entries: [string, unknown[] | null][] = Object.entries(columns);
  const count = entries[0]?.[1]?.length ?? 0;
  return Array.from({ length: count }, (_, n) => {
    const row: Record<string, unknown> = {};
    for (const [name, values] of entries) row[name] = values?.[n];
    return row as Row;
  });
}
