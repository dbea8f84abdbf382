import { z } from "zod";
import { cursorOf, readCursor } from "../db/cursor";
import { AppError } from "../errors";
import type { ListFilter, ListState } from "./schema";

/** Puts a value into the query and answers its placeholder. Nothing from outside gets into the SQL another way. */
export type Bind = (value: unknown) => string;

/**
 * How a list is read: constants of the program only. Paging is by keyset, so every sort is an expression that is never
 * null and has an index on (expression, id); both run the same way, which a row comparison needs.
 */
export type ListSource = {
  /** The table and its alias: `identities i`. */
  from: string;
  /** The alias's id: `i.id`. */
  id: string;
  /** What kind of id that is; a uuid unless told. */
  idType?: "uuid" | "bigint";
  /** What one page's rows show, over the page as `p`: columns and joins that are made for these rows only. */
  columns: string;
  joins: string;
  sorts: Record<string, { sql: string; type: "text" | "timestamptz" | "int" }>;
  /** The condition of a filter of each field; the negation is made around it unless the field makes its own. */
  filters: Record<string, (filter: ListFilter, bind: Bind, now: Date) => string>;
  search: (q: string, bind: Bind) => string;
};

export type ListRequest = {
  state: ListState;
  limit: number;
  now: Date;
  /** Conditions that hold whatever the reader asks for: what is live, what they may see. */
  always: readonly ((bind: Bind) => string)[];
};

export type Statement = { text: string; values: unknown[] };

/** One page and one row more, which tells whether there is another. */
export function pageStatement(source: ListSource, request: ListRequest): Statement {
  const { state, limit } = request;
  const sort = sortOf(source, state);
  const { idType = "uuid" } = source;
  const values: unknown[] = [];
  const bind = binder(values);
  const conditions = conditionsOf(source, request, bind);
  const backwards = state.place?.way === "before";
  const downwards = state.sort.descending !== backwards;
  if (state.place) {
    const [key, id] = readCursor(state.place.cursor, sortName(state), placeSchemas[idType][sort.type]);
    conditions.push(
      `(${sort.sql}, ${source.id}) ${downwards ? "<" : ">"} (${bind(key)}::${sort.type}, ${bind(id)}::${idType})`,
    );
  }
  const direction = downwards ? "desc" : "asc";
  const text = `with p as materialized (
  select *, (${sort.sql})::text as sort_key from ${source.from}
  where ${conditions.join("\n    and ") || "true"}
  order by ${sort.sql} ${direction}, ${source.id} ${direction} limit ${bind(limit + 1)}::int)
select ${source.columns}, p.sort_key, p.id::text as row_id from p ${source.joins}
order by p.sort_key${sort.type === "text" ? "" : `::${sort.type}`} ${direction}, p.id ${direction}`;
  return { text, values };
}

/** How many rows there are, counted no further than `cap`. */
export function countStatement(source: ListSource, request: Omit<ListRequest, "limit">, cap: number | null): Statement {
  const values: unknown[] = [];
  const bind = binder(values);
  const where = conditionsOf(source, request, bind).join(" and ") || "true";
  const text =
    cap === null
      ? `select count(*) as total from ${source.from} where ${where}`
      : `select count(*) as total from (select 1 from ${source.from} where ${where} limit ${bind(cap + 1)}::int) counted`;
  return { text, values };
}

export type ListPage<Item> = { items: Item[]; nextCursor: string | null; previousCursor: string | null };

/** The page that the rows of `pageStatement` make. */
export function pageOf<Row extends { sort_key: string; row_id: string }, Item>(
  found: Row[],
  request: { state: ListState; limit: number },
  itemOf: (row: Row) => Item,
): ListPage<Item> {
  const { state, limit } = request;
  const backwards = state.place?.way === "before";
  const isMore = found.length > limit;
  const shown = found.slice(0, limit);
  if (backwards) shown.reverse();
  const cursor = (row: Row | undefined) => (row ? cursorOf(sortName(state), [row.sort_key, row.row_id]) : null);
  return {
    items: shown.map(itemOf),
    nextCursor: isMore || backwards ? cursor(shown.at(-1)) : null,
    previousCursor: (backwards ? isMore : state.place !== null) ? cursor(shown[0]) : null,
  };
}

/** `LIKE` finds this very text anywhere. */
export function containing(text: string): string {
  return `%${escapeLike(text)}%`;
}

/** `LIKE` finds what begins with this very text. */
export function beginningWith(text: string): string {
  return `${escapeLike(text)}%`;
}

/**
 * The condition that `column` (lower case, with a trigram index and a text_pattern_ops one) holds every word of `q`.
 * Words of one or two characters have no trigram; alone they find beginnings, beside others they only narrow.
 */
export function searchCondition(column: string, q: string, bind: Bind): string {
  const text = q.replaceAll("\u0000", "").toLowerCase().trim();
  const words = text.split(/\s+/u).filter(Boolean).slice(0, 6);
  if (words.every((word) => [...word].length < 3)) return `${column} like ${bind(beginningWith(text))}`;
  return words.map((word) => `${column} like ${bind(containing(word))}`).join(" and ");
}

const idSchemas = { uuid: z.uuid(), bigint: z.string().regex(/^\d{1,18}$/) } as const;

const keySchemas = {
  text: z.string().max(2_000),
  int: z.string().regex(/^-?\d{1,10}$/),
  // As PostgreSQL writes it, to the microsecond, or an infinity.
  timestamptz: z.string().regex(/^(-?infinity|\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d)?( BC)?)$/),
} as const;

// Made once: a schema is compiled when it is first used, which costs more than a page's place is worth.
const placesOf = (id: z.ZodString | z.ZodUUID) => ({
  text: z.tuple([keySchemas.text, id]),
  int: z.tuple([keySchemas.int, id]),
  timestamptz: z.tuple([keySchemas.timestamptz, id]),
});
const placeSchemas = { uuid: placesOf(idSchemas.uuid), bigint: placesOf(idSchemas.bigint) };

function conditionsOf(source: ListSource, request: Omit<ListRequest, "limit">, bind: Bind): string[] {
  const { state, now, always } = request;
  const conditions = always.map((condition) => condition(bind));
  for (const filter of state.filters) {
    const made = Object.hasOwn(source.filters, filter.field) ? source.filters[filter.field] : undefined;
    if (!made)
      throw new AppError("invalid", `This list has no filter “${filter.field.slice(0, 60)}”.`, { field: filter.field });
    conditions.push(`(${made(filter, bind, now)})`);
  }
  if (state.q.trim() !== "") conditions.push(`(${source.search(state.q, bind)})`);
  return conditions;
}

function sortOf(source: ListSource, state: ListState) {
  const sort = Object.hasOwn(source.sorts, state.sort.by) ? source.sorts[state.sort.by] : undefined;
  if (!sort)
    throw new AppError("invalid", `This list has no order by “${state.sort.by.slice(0, 60)}”.`, { field: "sort" });
  return sort;
}

function sortName(state: ListState): string {
  return (state.sort.descending ? "-" : "") + state.sort.by;
}

function binder(values: unknown[]): Bind {
  return (value) => `$${values.push(value)}`;
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}
