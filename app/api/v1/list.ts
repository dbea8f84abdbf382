import { z } from "zod";
import { readState } from "@/lib/lists/read-state";
import type { Total } from "@/lib/lists/run-list";
import { type ListDefinition, type ListState, longestQuery } from "@/lib/lists/schema";
import type { ListPage } from "@/lib/lists/select";

/** What every list takes. */
export const paging = {
  limit: z.coerce.number().int().min(1).max(500).default(50).meta({ description: "How many items, at most 500." }),
  cursor: z.string().min(1).max(4_000).optional().meta({ description: "The nextCursor of the page before." }),
};

const counting = {
  count: z
    .enum(["exact", "estimate"])
    .optional()
    .meta({ description: "Answer the total too: counted to the end, or capped at 10,000." }),
};

const pageAsked = z.object({ ...paging, ...counting });

/** What every list answers. */
export function page<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().meta({ description: "Give it as cursor for the next page; null on the last." }),
  });
}

/** What a list that can be counted answers. */
export function countedPage<Item extends z.ZodType>(item: Item) {
  return page(item).extend({
    total: z.number().int().optional(),
    totalIsCapped: z.boolean().optional().meta({ description: "There are at least this many." }),
  });
}

/** What was asked of a list that its definition describes. */
export type ListQuery = { state: ListState; limit: number; count: "exact" | "estimate" | undefined };

/** The query of a list, from its definition: the filters that its page has, with the same words. */
export function listQuery(list: ListDefinition): z.ZodType<ListQuery> {
  const filters = list.fields.map(
    ({ name, description }) => [name, z.string().min(1).max(4_000).optional().meta({ description })] as const,
  );
  const orders = list.sorts.flatMap((sort) => [sort, `-${sort}`]);
  const shape: Record<string, z.ZodType> = {
    ...paging,
    ...counting,
    q: z.string().min(1).max(longestQuery).optional().meta({ description: "A part of a name, an e-mail or an id." }),
    sort: z.enum(orders).default(list.defaultSort).meta({ description: "With - in front the other way round." }),
    ...Object.fromEntries(filters),
    ...(takesStatus(list) ? { status: asState } : {}),
  };
  return z.strictObject(shape).transform((given, context) => {
    const { limit, count } = pageAsked.parse(given);
    const { status, ...rest } = given;
    const named = takesStatus(list) ? { ...rest, state: rest.state ?? status } : given;
    if (takesStatus(list) && status !== undefined && rest.state !== undefined)
      context.addIssue({ code: "custom", path: ["status"], message: "Give status or state, not both." });
    const params = Object.entries(named).filter(([, value]) => typeof value === "string") as [string, string][];
    return { state: readState(list, Object.fromEntries(params)), limit, count };
  });
}

// What pages call a state is a status in answers: either word asks for it.
const takesStatus = ({ fields }: ListDefinition) =>
  fields.some(({ name }) => name === "state") && !fields.some(({ name }) => name === "status");
const asState = z
  .string()
  .min(1)
  .max(4_000)
  .optional()
  .meta({ description: "The same as state, by the name that answers have for it." });

/** A page as the API answers it, counted where that was asked for. */
export async function counted<Item>(
  { count }: ListQuery,
  { items, nextCursor }: Pick<ListPage<Item>, "items" | "nextCursor">,
  counter: (exact: boolean) => Promise<Total>,
): Promise<{ items: Item[]; nextCursor: string | null; total?: number; totalIsCapped?: boolean }> {
  if (!count) return { items, nextCursor };
  const { value, capped } = await counter(count === "exact");
  return { items, nextCursor, total: value, totalIsCapped: capped };
}

/** A time of the query: RFC 3339, with its zone. */
export const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

export const id = z.uuid();
export const idParam = z.strictObject({ id });
