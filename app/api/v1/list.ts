import { z } from "zod";

/** What every list takes. */
export const paging = {
  limit: z.coerce.number().int().min(1).max(500).default(50).meta({ description: "How many items, at most 500." }),
  cursor: z.string().min(1).max(4_000).optional().meta({ description: "The nextCursor of the page before." }),
};

/** For lists that can be counted. Without it no total is answered. */
export const counting = {
  count: z
    .enum(["exact", "estimate"])
    .optional()
    .meta({ description: "Answer the total too: counted to the end, or capped at 10,000." }),
};

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

export const id = z.uuid();
export const idParam = z.strictObject({ id });
