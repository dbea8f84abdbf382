import type { ListFilter } from "./schema";
import { timeOf } from "./schema";
import type { Bind } from "./select";

// The usual conditions of filters. `column` is a constant of the program.

/** Any (or none) of the values; `none` stands for empty where `nullable`. Empty is also "none of the others". */
export function oneOf(column: string, filter: ListFilter, bind: Bind, nullable = false): string {
  const wantsEmpty = nullable && filter.values.includes("none");
  const values = filter.values.filter((value) => !(nullable && value === "none"));
  const parts: string[] = [];
  if (values.length === 1) parts.push(`${column} = ${bind(values[0])}`);
  if (values.length > 1) parts.push(`${column} = any(${bind(values)})`);
  if (wantsEmpty) parts.push(`${column} is null`);
  const any = parts.join(" or ");
  if (!filter.not) return any;
  return nullable && !wantsEmpty ? `${column} is null or not (${any})` : `not (${any})`;
}

/** Since the moment, or with `not` before it. Rows without a time are in neither. */
export function sinceTime(column: string, filter: ListFilter, bind: Bind, now: Date): string {
  const at = bind(timeOf(filter.values[0] ?? "", now));
  return filter.not ? `${column} < ${at}` : `${column} >= ${at}`;
}

/** Known not to have been used since the moment; what is unknown is never unused. The index has this very expression. */
export function unusedSince(alias: string, filter: ListFilter, bind: Bind, now: Date): string {
  const at = bind(timeOf(filter.values[0] ?? "", now));
  return `${alias}.last_use_state <> 'unknown' and coalesce(${alias}.last_used_at, ${alias}.not_used_since) < ${at}`;
}

/** The condition, or its opposite when the flag is false. */
export function flag(condition: string, filter: ListFilter): string {
  return filter.values[0] === "true" ? condition : `not (${condition})`;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Is this the text of an id? */
export function isId(text: string): boolean {
  return uuid.test(text);
}
