import type { Route } from "next";
import { z } from "zod";

export const tabs = ["members", "nested", "gives", "managers", "history"] as const;
export type GroupTab = (typeof tabs)[number];

const shape = z.object({
  tab: z.enum(tabs).catch("members").default("members"),
  cursor: z.string().max(4_000).optional().catch(undefined),
});

/** What the address of a group's page says. */
export type Search = z.infer<typeof shape>;

/** Reads the address; what is not understood is left out. */
export function searchOf(params: Record<string, string | string[] | undefined>): Search {
  return shape.parse(params);
}

/** The address of a part of the page, from the start or from a place on. */
export function hrefOf(id: string, tab: GroupTab, cursor?: string): Route {
  const query = new URLSearchParams({ ...(tab === "members" ? {} : { tab }), ...(cursor ? { cursor } : {}) });
  return `/groups/${id}${query.size > 0 ? `?${query}` : ""}` as Route;
}
