import type { Actor } from "../auth/actor";
import { assertMayReadGroup } from "./group-queries";
import { type HistoryEntry, type HistoryInput, historyInput, pageOfHistory } from "./history";

/** What became of a group's members and of its own entitlements, the newest first. */
export async function listGroupHistory(
  actor: Actor,
  input: HistoryInput,
): Promise<{ items: HistoryEntry[]; nextCursor: string | null }> {
  const asked = historyInput.parse(input);
  await assertMayReadGroup(actor, asked.id);
  return pageOfHistory(changesOf, asked);
}

function changesOf(column: string, way: string): string {
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
