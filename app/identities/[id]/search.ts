import type { Route } from "next";
import { z } from "zod";
import { isAccessOrder } from "@/lib/access/schema";

export const tabs = ["access", "accounts", "credentials", "used-from", "owns", "history"] as const;
export type Tab = (typeof tabs)[number];

const text = (max: number) => z.string().max(max).optional().catch(undefined);
const shape = z.object({
  tab: z.enum(tabs).optional().catch(undefined),
  /** The chosen entry of the access list, and which of its paths. */
  entry: text(200),
  path: z
    .string()
    .regex(/^\d{1,4}$/)
    .optional()
    .catch(undefined),
  /** Only the table, without the picture. */
  show: z.literal("table").optional().catch(undefined),
  /** The past: `YYYY-MM-DD` or a whole time. */
  at: text(40),
  connection: text(200),
  permission: text(200),
  resource: text(1_000),
  /** The order of the access list, where it is not that of its keys. */
  sort: z.string().refine(isAccessOrder).optional().catch(undefined),
  cursor: text(4_000),
});

/** What the address of an identity's page says. */
export type Search = z.infer<typeof shape>;

/** Reads the address; what is not understood is left out. */
export function searchOf(params: Record<string, string | string[] | undefined>): Search {
  const first = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
  return Object.fromEntries(Object.entries(shape.parse(first)).filter(([, value]) => value)) as Search;
}

/** The address of the page with some of it changed; another filter or time begins at the first page. */
export function hrefOf(id: string, search: Search, change: Partial<Search> = {}): Route {
  const { cursor, entry, path, ...rest } = search;
  const narrows = ["connection", "permission", "resource", "at", "tab", "sort"].some((name) => name in change);
  const next = { ...rest, ...(narrows ? {} : { cursor, entry, path }), ...change };
  const query = new URLSearchParams(Object.entries(next).flatMap(([name, value]) => (value ? [[name, value]] : [])));
  return `/identities/${id}${query.size > 0 ? `?${query}` : ""}` as Route;
}
