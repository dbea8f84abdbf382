import { fieldNamed, type ListDefinition, type ListField, type ListFilter } from "@/lib/lists/schema";
import type { Options } from "./list-context";

/** The word between a field and its value: "is not", "any of", "since". */
export function operatorWords(field: ListField, filter: Pick<ListFilter, "not" | "values">): string {
  if (field.words) return field.words[filter.not ? 1 : 0];
  if (field.kind === "time") return filter.not ? "before" : "since";
  if (filter.values.length > 1) return filter.not ? "none of" : "any of";
  return filter.not ? "is not" : "is";
}

/** The value as it is read: "Bot, Workload", "5 values", "90 days ago", "1 Aug 2026". */
export function valueWords(field: ListField, values: readonly string[], options: Options): string {
  const [first = ""] = values;
  if (field.kind === "flag") return first === "true" ? "yes" : "no";
  if (field.kind === "time") return timeWords(first);
  if (values.length > 2) return `${values.length} values`;
  return values.map((value) => optionLabel(field, value, options)).join(", ");
}

/** The whole filter as a phrase: "Kind is not Person". */
export function filterWords(list: ListDefinition, filter: ListFilter, options: Options): string {
  const field = fieldNamed(list, filter.field);
  if (!field) return filter.field;
  return `${field.label} ${operatorWords(field, filter)} ${valueWords(field, filter.values, options)}`;
}

/** What a value is called. */
export function optionLabel(field: ListField, value: string, options: Options): string {
  if (field.kind === "reference" && value === "none") return "nobody";
  if (field.kind === "reference" && value === "me") return "me";
  const known = [...(field.options ?? []), ...(options[field.name] ?? [])];
  return known.find((option) => option.value === value)?.label ?? value;
}

/** "90d" as "90 days ago", a date as it is read. */
export function timeWords(value: string): string {
  const days = /^(\d+)d$/.exec(value)?.[1];
  const ahead = /^\+(\d+)d$/.exec(value)?.[1];
  if (ahead) return `in ${ahead} days`;
  if (days === "1") return "yesterday";
  if (days === "365") return "a year ago";
  if (days) return `${days} days ago`;
  const date = new Date(`${value}T00:00:00Z`);
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(
    date,
  );
}
