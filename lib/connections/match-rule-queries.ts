import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { rows } from "../db/client";
import type { MatchField, MatchTarget } from "./match-schema";

/** A saved rule of matching. */
export type MatchRuleRow = {
  id: string;
  name: string;
  /** Null: it is tried on the accounts of every system. */
  connection: { id: string; name: string } | null;
  field: MatchField;
  pattern: string;
  template: string;
  target: MatchTarget;
  confidence: number;
  createdAt: Date;
  /** Accounts that have their identity by it, counted to 10,000. */
  matched: number;
};

/** The saved rules, in the order they are tried. */
export async function listMatchRules(actor: Actor): Promise<MatchRuleRow[]> {
  await authorize(actor, "identity:read");
  return rows<MatchRuleRow>(`
    select r.id, r.name, r.field, r.pattern, r.template, r.target, r.confidence, r.created_at as "createdAt",
      case when c.id is not null then json_build_object('id', c.id, 'name', c.name) end as connection,
      (select count(*)::int from (select 1 from principals p where p.match_rule = r.name and p.removed_at is null
        and p.identity_id is not null limit 10000) k) as matched
    from match_rules r left join connections c on c.id = r.connection_id order by r.position, r.id`);
}
