import { rows } from "../db/client";
import type { AccountFacts } from "./read-holdings";
import type { AccessUse } from "./schema";

/** The last use by principal, resource and permission. */
export type Uses = Map<string, Date>;

const usesSql = `
  select principal_id, resource_id, permission, max(last_at) as last_at from usage_days
  where resource_id = any($2::uuid[]) and principal_id = any($1::uuid[]) and permission <> '' and last_at <= $3
  group by principal_id, resource_id, permission`;

/** What these accounts used of these resources, until a time. */
export async function readUses(accounts: readonly string[], resources: readonly string[], until: Date): Promise<Uses> {
  const found = await rows<{ principal_id: string; resource_id: string; permission: string; last_at: Date }>(
    usesSql,
    [accounts, resources, until],
    "uses-of-resources",
  );
  return new Map(found.map((row) => [keyOf(row.principal_id, row.resource_id, row.permission), row.last_at]));
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
