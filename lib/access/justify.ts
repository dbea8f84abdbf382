import { type Columns, columnsSql, rowsOf } from "./columns";
import type { When } from "./held-sql";
import type { AccessPath, Justification } from "./schema";

/** Why an account may hold an edge, as kept: membership of a group, or an assignment. */
export type JustificationRow = {
  account: string;
  edge: string;
  type: Justification["type"];
  id: string | null;
  until: string | null;
};

const columns = columnsSql({
  account: "j.account_id",
  edge: "coalesce(j.group_id::text, s.id::text)",
  type: "j.type",
  id: "coalesce(j.grant_id, j.id)",
  until: "j.until",
});

/** SQL: the live justifications of `accounts (id)`, a common table of the statement. @param at the placeholder of the time */
export function justificationsSql(when: When, at: string): string {
  const ended = when === "now" ? "j.ended_at is null" : `(j.ended_at is null or j.ended_at > ${at})`;
  return `(select ${columns} from accounts a join justifications j on j.account_id = a.id
      and j.since <= ${at} and ${ended} and (j.until is null or j.until > ${at})
    left join assignments s on s.principal_id = j.account_id and s.entitlement_id = j.entitlement_id
      and s.first_seen_at <= ${at} and (s.removed_at is null or s.removed_at > ${at})) as justifications`;
}

/** Why the access over these paths stands; `until`: when it ends by itself where nobody here can say why. Pure. */
export type Justify = (paths: readonly AccessPath[], facts: { all: boolean; until: string | null }) => Justification[];

/**
 * Answers why access stands, from the rows of `justificationsSql`. Of a path it is the account's own edge that somebody
 * may have given; a path whose edge nobody here gave makes the access unmanaged too, whatever else justifies it.
 */
export function justifier(found: Columns<JustificationRow>): Justify {
  const of = new Map<string, Justification[]>();
  for (const { account, edge, type, id, until } of rowsOf(found)) {
    const key = `${account} ${edge}`;
    const reason = { type, id, until: until === null ? null : new Date(until).toISOString() };
    of.set(key, [...(of.get(key) ?? []), reason]);
  }
  return (paths, { all, until }) => {
    const unmanaged: Justification = { type: "unmanaged", id: null, until };
    if (of.size === 0) return [unmanaged];
    const reasons = paths.flatMap(([account, edge]) => of.get(`${account?.id} ${edge?.id}`) ?? [unmanaged]);
    const once = new Map(
      (all ? reasons : [...reasons, unmanaged]).map((reason) => [`${reason.type} ${reason.id}`, reason]),
    );
    return [...once.values()];
  };
}
