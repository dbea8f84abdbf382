import { z } from "zod";
import { parseState, serializeState } from "../lists/schema";
import { type ListPage, lists } from "./labels";

/** A name for what a list shows now. The query is kept as the list itself writes it: nothing else can be saved. */
export const saveViewInput = z
  .strictObject({
    page: z.enum(["identities", "credentials", "resources", "accounts", "requests", "grants", "unmanaged"]),
    name: z.string().trim().min(1, "A view needs a name.").max(60, "A name has at most 60 characters."),
    query: z.string().max(4_000),
    shared: z.boolean().default(false),
  })
  .transform((input) => ({ ...input, query: normalQuery(input.page, input.query) }));

export type SaveViewInput = z.output<typeof saveViewInput>;

function normalQuery(page: ListPage, query: string): string {
  const list = lists[page];
  const { state } = parseState(list, Object.fromEntries(new URLSearchParams(query)));
  return serializeState(list, { ...state, place: null, rowsBefore: 0 });
}
