import { z } from "zod";
import type { Actor } from "../auth/actor";
import { rows } from "../db/client";
import { cursorOf, readCursor } from "../db/cursor";
import { assertMayReadGroup } from "./group-queries";

const historyInput = z.object({
  id: z.string(),
  cursor: z.string().optional(),
  limit: z.number().int().min(1).max(200).default(50),
});

/** What became of a group in one moment: who came into it or left, or on what it was given or lost a permission. */
export type GroupHistoryEntry = {
  key: string;
  at: Date;
  way: "came" | "went";
  /** Null where it is about members. */
  permission: string | null;
  count: number;
  /** Up to five of the members, or of the resources. */
  holders: string[];
};

const place = z.tuple([z.string().regex(/^-?\d{1,18}$/), z.string()]);

/** What became of a group's members and of its own entitlements, the newest first. */
export async function listGroupHistory(
  actor: Actor,
  input: z.input<typeof historyInput>,
): Promise<{ items: GroupHistoryEntry[]; nextCursor: string | null }> {
  const { id, cursor, limit } = historyInput.parse(input);
  await assertMayReadGroup(actor, id);
  const [micros, key] = cursor ? readCursor(cursor, "history", place) : [null, null];
  const found = await rows<GroupHistoryEntry & { micros: string }>(
    `with history as (${["first_seen_at", "removed_at"].map(historyOf).join("\n union all ")})
     select *, (extract(epoch from at) * 1000000)::bigint as micros from history
     where $2::bigint is null or (at, key) < (timestamptz 'epoch' + $2::bigint * interval '1 microsecond', $3::text)
     order by at desc, key desc limit $4`,
    [id, micros, key, limit + 1],
  );
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: found.length > limit && last ? cursorOf("history", [last.micros, last.key]) : null };
}

function historyOf(column: string): string {
  const way = column === "removed_at" ? "went" : "came";
  return `select m.${column} as at, '${way}:members' as key, '${way}' as way, null as permission, count(*)::int as count,
      (array_agg(p.name order by p.name))[1:5] as holders
    from memberships m join principals p on p.id = m.member_id
    where m.group_id = $1 and m.${column} is not null group by m.${column}
    union all
    select s.${column}, '${way}:' || e.permission, '${way}', e.permission, count(*)::int,
      (array_agg(r.name order by r.name))[1:5]
    from assignments s join entitlements e on e.id = s.entitlement_id join resources r on r.id = e.resource_id
    where s.principal_id = $1 and s.${column} is not null group by s.${column}, e.permission`;
}
