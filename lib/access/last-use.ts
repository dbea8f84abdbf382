import { type Columns, columnsSql, rowsOf } from "./columns";
import type { AccountFacts } from "./holdings";
import type { AccessUse } from "./schema";

/** The last use by principal, resource and permission. */
export type Uses = Map<string, Date>;

/** A row of `usesSql`. */
export type UseRow = { account: string; resource: string; permission: string; at: string };

/**
 * SQL: a column with what `accounts (id)` last used of `asked (resource_id, permission)`, two common tables of the
 * statement, until a time.
 */
export function usesSql(at: string): string {
  return `(select ${columnsSql({ account: "u.account", resource: "u.resource", permission: "u.permission", at: "u.at" })} from (
      select u.principal_id as account, u.resource_id as resource, u.permission, max(u.last_at) as at
      from asked q join usage_days u on u.resource_id = q.resource_id and u.permission = q.permission
      where u.principal_id in (select id from accounts) and u.last_at <= ${at}
      group by u.principal_id, u.resource_id, u.permission) as u) as uses`;
}

/** What was used, by account, resource and permission. */
export function usesOf(found: Columns<UseRow>): Uses {
  return new Map(rowsOf(found).map((row) => [keyOf(row.account, row.resource, row.permission), new Date(row.at)]));
}

const keyOf = (account: string, resource: string, permission: string) => `${account} ${resource} ${permission}`;

/**
 * When these accounts last used a permission on a resource. Without a use in sight it is "not used" only where the
 * source says that it would have seen one; else it is unknown, and why.
 */
export function lastUseOf(
  it: { accounts: readonly AccountFacts[]; resource: string; permission: string; pattern: boolean; at?: Date },
  uses: Uses,
): AccessUse {
  const seen = it.accounts
    .map((account) => uses.get(keyOf(account.id, it.resource, it.permission)))
    .filter((at) => at !== undefined);
  if (seen.length > 0) {
    const last = new Date(Math.max(...seen.map((at) => at.getTime())));
    return { state: "used", at: last.toISOString(), since: null, because: null };
  }
  const since = it.at === undefined ? sinceWhenNoneWasUsed(it.accounts) : null;
  if (since) return { state: "not_used", at: null, since: since.toISOString(), because: null };
  return byCoverage(it);
}

// An account that was not used at all used nothing that it holds.
function sinceWhenNoneWasUsed(accounts: readonly AccountFacts[]): Date | null {
  const times = accounts.map((account) => account.notUsedSince);
  if (times.length === 0 || times.includes(null)) return null;
  return new Date(Math.max(...times.map((time) => time?.getTime() ?? 0)));
}

function byCoverage(it: { accounts: readonly AccountFacts[]; pattern: boolean; at?: Date }): AccessUse {
  const connection = it.accounts[0]?.connection;
  const coverage = connection?.coverage;
  const unknown = (because: string): AccessUse => ({ state: "unknown", at: null, since: null, because });
  if (!coverage) return unknown(`${connection?.name ?? "the system"} does not say which entitlements were used`);
  if (!coverage.complete || !coverage.since) return unknown(coverage.because);
  if (it.pattern) return unknown("a rule covers many resources, and their use is not put down to the rule");
  if (it.at && coverage.since > it.at) return unknown("use was not observed yet at that time");
  return { state: "not_used", at: null, since: coverage.since.toISOString(), because: null };
}
