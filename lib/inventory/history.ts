import { z } from "zod";
import { rows } from "../db/client";
import { cursorOf, readCursor } from "../db/cursor";

export const historyInput = z.object({
  id: z.string(),
  cursor: z.string().optional(),
  limit: z.number().int().min(1).max(200).default(50),
});
export type HistoryInput = z.input<typeof historyInput>;

/** What became of a thing in one moment: who came or went, or on what a permission came or went. */
export type HistoryEntry = {
  key: string;
  at: Date;
  way: "came" | "went";
  /** Null where it is about no permission: about members, or the thing itself. */
  permission: string | null;
  count: number;
  /** Up to five of the names concerned. */
  holders: string[];
};

const place = z.tuple([z.string().regex(/^-?\d{1,18}$/), z.string()]);

/**
 * One page of what became of the thing `$1`, the newest first.
 * @param changesOf SQL: the entries that a column of beginnings or of ends makes
 */
export async function pageOfHistory(
  changesOf: (column: "first_seen_at" | "removed_at", way: HistoryEntry["way"]) => string,
  asked: z.output<typeof historyInput>,
): Promise<{ items: HistoryEntry[]; nextCursor: string | null }> {
  const { items, nextCursor } = await readHistory<HistoryEntry>(
    `history as (${changesOf("first_seen_at", "came")} union all ${changesOf("removed_at", "went")})`,
    asked,
  );
  return { items: items.map(({ micros: _, ...entry }) => entry), nextCursor };
}

/**
 * One page of the common table `history` (with `at` and `key`) about the thing `$1`, the newest first.
 * @param tables SQL: it, and what it is made of
 */
export async function readHistory<Row extends { key: string }>(
  tables: string,
  { id, cursor, limit }: z.output<typeof historyInput>,
): Promise<{ items: (Row & { micros: string })[]; nextCursor: string | null }> {
  const [micros, key] = cursor ? readCursor(cursor, "history", place) : [null, null];
  const found = await rows<Row & { micros: string }>(
    `with ${tables}
     select *, (extract(epoch from at) * 1000000)::bigint as micros from history
     where $2::bigint is null or (at, key) < (timestamptz 'epoch' + $2::bigint * interval '1 microsecond', $3::text)
     order by at desc, key desc limit $4`,
    [id, micros, key, limit + 1],
  );
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page,
    nextCursor: found.length > limit && last ? cursorOf("history", [last.micros, last.key]) : null,
  };
}
