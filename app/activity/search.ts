import type { Route } from "next";
import { z } from "zod";
import { type ListEventsInput, listEventsInput } from "@/lib/audit/schema";
import { timeOf } from "@/lib/lists/schema";
import { now } from "@/lib/time";

const text = z.string().max(300).catch("").optional();
const shape = z.object({
  who: text,
  action: text,
  outcome: z
    .string()
    .regex(/^(allowed|denied|failed)(,(allowed|denied|failed))*$/)
    .optional()
    .catch(undefined),
  target: text,
  /** Since then: a date, or days back as 7d. */
  in: z
    .string()
    .regex(/^(\d{1,5}d|\d{4}-\d{2}-\d{2})$/)
    .optional()
    .catch(undefined),
  from: text,
  to: text,
  q: text,
  cursor: z.string().max(400).optional().catch(undefined),
  event: z.uuid().optional().catch(undefined),
});

/** What the address of the page says: filters, place, and the event that is open. */
export type Search = z.infer<typeof shape>;

/** Reads the address. Of a name that comes twice the first counts; what is not understood is left out. */
export function searchOf(params: Record<string, string | string[] | undefined>): Search {
  const first = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
  return Object.fromEntries(Object.entries(shape.parse(first)).filter(([, value]) => value)) as Search;
}

/** The address of the page with some of it changed; an empty value is dropped, and with new filters the place. */
export function hrefOf(search: Search, change: Partial<Search> = {}): Route {
  const keepsPlace = Object.keys(change).every((name) => name === "event" || name === "cursor");
  const { cursor, ...rest } = search;
  const next = { ...rest, ...(keepsPlace && cursor ? { cursor } : {}), ...change };
  const query = new URLSearchParams(Object.entries(next).flatMap(([name, value]) => (value ? [[name, value]] : [])));
  return (query.size > 0 ? `/activity?${query}` : "/activity") as Route;
}

/** The address of what the record tells of one thing, from its beginning. */
export function storyHref(type: string, id: string): Route {
  return `/activity/story?${new URLSearchParams({ of: `${type}:${id}` })}` as Route;
}

/** The filters of the list that the address asks for. */
export function filtersOf(search: Search): ListEventsInput {
  const { in: since, event: _, from, to, target, ...rest } = search;
  return {
    ...rest,
    ...moment("from", since ? timeOf(since, now()) : from),
    ...moment("to", to),
    ...(target && listEventsInput.shape.target.safeParse(target).success ? { target } : {}),
  };
}

function moment(name: "from" | "to", value: string | Date | undefined): { from?: Date; to?: Date } {
  const at = value ? new Date(value) : null;
  return at && !Number.isNaN(at.getTime()) ? { [name]: at } : {};
}
