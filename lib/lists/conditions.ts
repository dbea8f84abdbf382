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

/**
 * How long ago a time lies, by named stretches of days: from the first (exclusive of what is younger) to the second;
 * null for no end. `unknown` stands for rows without a time.
 */
export function agesBetween(
  column: string,
  stretches: Record<string, readonly [number, number | null]>,
  filter: ListFilter,
  bind: Bind,
  now: Date,
  always = "true",
): string {
  const ago = (days: number) => bind(new Date(now.getTime() - days * 86_400_000));
  const any = filter.values
    .map((value) => {
      const stretch = Object.hasOwn(stretches, value) ? stretches[value] : undefined;
      if (!stretch) return `${column} is null`;
      const [from, to] = stretch;
      return [from > 0 ? `${column} <= ${ago(from)}` : "", to === null ? "" : `${column} > ${ago(to)}`]
        .filter(Boolean)
        .join(" and ");
    })
    .map((part) => `(${part})`)
    .join(" or ");
  const whole = `(${always}) and (${any})`;
  return filter.not ? `(${whole}) is not true` : whole;
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
