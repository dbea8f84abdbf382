import { dayMs } from "../time";

// What a list can be narrowed by, sorted by and shown with, and how that is written into an address. Pure: the browser,
// the server and the API read and write the same words.

export type FieldKind =
  /** One or several of `options`. */
  | "choice"
  /** One or several things of the inventory, by id or by name; `none` where the field may be empty. */
  | "reference"
  /** A date (`2026-08-01`), a span back from now (`90d`) or ahead (`+30d`). Plain: since then. With `!`: before then. */
  | "time"
  /** `true` or `false`. */
  | "flag";

export type FieldOption = { value: string; label: string };

export type ListField = {
  name: string;
  label: string;
  kind: FieldKind;
  options?: readonly FieldOption[];
  /** The words between the field's name and its value, plain and negated; by kind unless told. */
  words?: readonly [plain: string, negated: string];
  /** Of a reference to many: its values are found by name, not listed. */
  search?: true;
  /** Of a time: what lies ahead is asked for; `+30d` is in thirty days. */
  ahead?: true;
  /** What makes no sense is not offered: a filter that cannot be turned round. */
  fixed?: true;
  /** The column that a filter with one value makes pointless. */
  column?: string;
  description: string;
};

export type ListColumn = { name: string; label: string; shown: boolean; sort?: string; align?: "end" };

export type ListDefinition = {
  /** The page it belongs to, as saved with views: `identities`. */
  page: string;
  noun: { one: string; many: string };
  fields: readonly ListField[];
  columns: readonly ListColumn[];
  /** Names that `sort` takes; `-` before one turns it round. */
  sorts: readonly string[];
  defaultSort: string;
};

/** One condition: the field is (or with `not`, is not) any of the values. */
export type ListFilter = { field: string; not: boolean; values: readonly string[] };

export type ListSort = { by: string; descending: boolean };

/** Everything that an address says of a list. */
export type ListState = {
  q: string;
  filters: readonly ListFilter[];
  sort: ListSort;
  /** Null: those that the definition shows. */
  columns: readonly string[] | null;
  /** In pixels, by column, where the reader made one wider or narrower. */
  widths: Readonly<Record<string, number>>;
  /** The place to go on from, and the way. */
  place: { cursor: string; way: "after" | "before" } | null;
  /** How many rows lie before this page, as far as the reader came; only for show. */
  rowsBefore: number;
};

export type SearchParams = Record<string, string | readonly string[] | undefined>;

export const longestQuery = 200;
const mostValues = 100;

/** How narrow and how wide a column can be made, in pixels. */
export const widthLimits = { least: 64, most: 960 } as const;

/** A list as it is without a word in the address. */
export function emptyState(list: ListDefinition): ListState {
  return {
    q: "",
    filters: [],
    sort: parseSort(list.defaultSort),
    columns: null,
    widths: {},
    place: null,
    rowsBefore: 0,
  };
}

/**
 * What an address says of a list. @returns what was understood, and a sentence about each part that was not: a filter
 * that is silently dropped would show more than the reader asked for.
 */
export function parseState(list: ListDefinition, params: SearchParams): { state: ListState; problems: string[] } {
  const problems: string[] = [];
  const one = (name: string) => {
    const given = params[name];
    // PostgreSQL has no text with NUL, so nothing that is looked for can hold it.
    return (typeof given === "string" ? given : given?.[0])?.toWellFormed().replaceAll("\0", "");
  };
  const filters = list.fields.flatMap((field) => {
    const text = one(field.name);
    if (text === undefined || text === "") return [];
    const filter = parseFilter(field, text);
    if (filter) return [filter];
    problems.push(`${field.label} cannot be “${text.slice(0, 60)}”`);
    return [];
  });
  const sortText = one("sort") ?? list.defaultSort;
  const sortKnown = list.sorts.includes(sortText.replace(/^-/, ""));
  if (!sortKnown) problems.push(`there is no order by “${sortText.slice(0, 60)}”`);
  const [after, before] = [one("after"), one("before")];
  const columns = one("columns")
    ?.split(",")
    .filter((name) => list.columns.some((column) => column.name === name));
  const state: ListState = {
    q: (one("q") ?? "").slice(0, longestQuery),
    filters,
    sort: parseSort(sortKnown ? sortText : list.defaultSort),
    columns: columns && columns.length > 0 ? [...new Set(columns)] : null,
    widths: parseWidths(list, one("widths") ?? ""),
    place: after ? { cursor: after, way: "after" } : before ? { cursor: before, way: "before" } : null,
    rowsBefore: after || before ? Math.max(0, Math.min(1e9, Number.parseInt(one("from") ?? "0", 10) || 0)) : 0,
  };
  return { state, problems };
}

/** The query of the address that says this, without "?"; empty for a list as it is. Always in the same order. */
export function serializeState(list: ListDefinition, state: ListState): string {
  const params = new URLSearchParams();
  if (state.q) params.set("q", state.q);
  for (const field of list.fields) {
    const filter = state.filters.find((one) => one.field === field.name);
    if (filter) params.set(field.name, serializeFilter(filter));
  }
  const sort = (state.sort.descending ? "-" : "") + state.sort.by;
  if (sort !== list.defaultSort) params.set("sort", sort);
  if (state.columns) params.set("columns", state.columns.join(","));
  const widths = list.columns.flatMap(({ name }) => (state.widths[name] ? [`${name}.${state.widths[name]}`] : []));
  if (widths.length > 0) params.set("widths", widths.join(","));
  if (state.place) {
    params.set(state.place.way, state.place.cursor);
    if (state.rowsBefore > 0) params.set("from", String(state.rowsBefore));
  }
  return params.toString();
}

/** The field of this name, if the list has it. */
export function fieldNamed(list: ListDefinition, name: string): ListField | undefined {
  return list.fields.find((field) => field.name === name);
}

/** Is this column shown? As the reader chose; else as the definition has it, less what a filter with one value says. */
export function isColumnShown(list: ListDefinition, state: ListState, column: ListColumn): boolean {
  if (state.columns) return state.columns.includes(column.name);
  const said = state.filters.some(
    (filter) => !filter.not && filter.values.length === 1 && fieldNamed(list, filter.field)?.column === column.name,
  );
  return column.shown && !said;
}

/** What of a state makes it another view: neither the place in the list nor how wide its columns are. */
export function viewOf(state: ListState): ListState {
  return { ...state, widths: {}, place: null, rowsBefore: 0 };
}

/** The same list narrowed otherwise, from its first page. */
export function withFilter(state: ListState, field: string, filter: ListFilter | null): ListState {
  const others = state.filters.filter((one) => one.field !== field);
  return { ...state, filters: filter ? [...others, filter] : others, place: null, rowsBefore: 0 };
}

/** A filter as its parameter says it: `bot,human`, or with `!` none of them. A comma within a value has a backslash. */
export function parseFilter(field: ListField, text: string): ListFilter | null {
  const not = text.startsWith("!");
  if (not && (field.fixed || field.kind === "flag")) return null;
  const values = [...new Set(splitValues(not ? text.slice(1) : text))];
  if (values.length === 0 || values.length > mostValues || !values.every((value) => fits(field, value))) return null;
  if ((field.kind === "time" || field.kind === "flag") && values.length > 1) return null;
  return { field: field.name, not, values };
}

export function serializeFilter(filter: ListFilter): string {
  return (filter.not ? "!" : "") + filter.values.map((value) => value.replace(/[\\,!]/g, "\\$&")).join(",");
}

/** The moment that the value of a time filter means. */
export function timeOf(value: string, now: Date): Date {
  const span = /^(\+?)(\d{1,5})d$/.exec(value);
  if (!span) return new Date(`${value}T00:00:00Z`);
  return new Date(now.getTime() + (span[1] ? 1 : -1) * Number(span[2]) * dayMs);
}

function fits(field: ListField, value: string): boolean {
  if (field.kind === "choice") return field.options?.some((option) => option.value === value) ?? false;
  if (field.kind === "flag") return value === "true" || value === "false";
  if (field.kind === "reference") return value.length > 0 && value.length <= 200;
  if (/^\+?\d{1,5}d$/.test(value)) return true;
  return /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(`${value}T00:00:00Z`));
}

function splitValues(text: string): string[] {
  const values: string[] = [];
  let value = "";
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "\\" && at + 1 < text.length) value += text[++at];
    else if (character === ",") {
      values.push(value);
      value = "";
    } else value += character;
  }
  return [...values, value].filter((one) => one !== "");
}

// `owner.220,lastUse.180`; a width that cannot be is the nearest that can.
function parseWidths(list: ListDefinition, text: string): Record<string, number> {
  const pairs = text.split(",").flatMap((pair) => {
    const [, name = "", pixels = ""] = /^(\w+)\.(\d{1,5})$/.exec(pair) ?? [];
    if (!list.columns.some((column) => column.name === name)) return [];
    return [[name, Math.min(widthLimits.most, Math.max(widthLimits.least, Number(pixels)))] as const];
  });
  return Object.fromEntries(pairs);
}

function parseSort(text: string): ListSort {
  return { by: text.replace(/^-/, ""), descending: text.startsWith("-") };
}
