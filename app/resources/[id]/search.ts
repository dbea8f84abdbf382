import type { Route } from "next";
import { z } from "zod";
import { isAccessOrder } from "@/lib/access/schema";

export const tabs = ["access", "inside", "history"] as const;
export type Tab = (typeof tabs)[number];

const text = (max: number) => z.string().max(max).optional().catch(undefined);
const shape = z.object({
  tab: z.enum(tabs).optional().catch(undefined),
  /** The past: `YYYY-MM-DD` or a whole time. */
  at: text(40),
  permission: text(200),
  /** The order of the access list, where it is not that of its keys. */
  sort: z.string().refine(isAccessOrder).optional().catch(undefined),
  cursor: text(4_000),
});

/** What the address of a resource's page says. */
export type Search = z.infer<typeof shape>;

/** Reads the address; what is not understood is left out. */
export function searchOf(params: Record<string, string | string[] | undefined>): Search {
  const first = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
  return Object.fromEntries(Object.entries(shape.parse(first)).filter(([, value]) => value)) as Search;
}

/** The address of the page with some of it changed; anything but another place begins at the first page. */
export function hrefOf(id: string, search: Search, change: Partial<Search> = {}): Route {
  const { cursor: _, ...rest } = search;
  const query = new URLSearchParams(
    Object.entries({ ...rest, ...change }).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
  return `/resources/${id}${query.size > 0 ? `?${query}` : ""}` as Route;
}
