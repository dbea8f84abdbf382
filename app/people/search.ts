import { z } from "zod";
import { roles } from "@/lib/auth/permissions";

const text = z.string().trim().max(200).optional().catch(undefined);

const searchSchema = z.object({
  q: text.transform((value) => value || undefined),
  role: z.enum(roles).optional().catch(undefined),
  status: z.enum(["active", "disabled"]).optional().catch(undefined),
  cursor: text,
});
export type PeopleSearch = z.output<typeof searchSchema>;

/** The filters in the page's address; what is not one is left out. */
export function searchOf(given: Record<string, string | string[] | undefined>): PeopleSearch {
  return searchSchema.parse(given);
}

/** The address of the same list with other filters. */
export function addressOf(search: PeopleSearch): string {
  const given = Object.entries(search).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? "/people" : `/people?${new URLSearchParams(given)}`;
}
