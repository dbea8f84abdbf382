import { db, type Tx } from "../db/client";
import { dayMs, now, plus } from "../time";
import { dayOf } from "./refresh-facts";

/**
 * The figures that pages show without counting, by key:
 * `identities`, `identities.<kind>`, `identities.privileged`, `identities.privileged.human`, `identities.no_owner`,
 * `identities.no_owner.production`, `identities.no_owner.<kind>`, `identities.not_used_90d`,
 * `identities.not_used_90d.privileged`, `identities.last_use.<today|7d|30d|90d|1y|longer|not_used|unknown>`,
 * `accounts`, `accounts.unmatched`, `credentials`, `credentials.age.<30d|90d|1y|2y|older|unknown>`,
 * `credentials.ending_7d`, `resources`, `assignments`, `memberships`, `connections`.
 * People need no owner: `no_owner` counts machines.
 */
export type Counters = Record<string, number>;

/**
 * Counts everything anew into the kept counters, and into today's row of the history. Runs in the worker after a sync
 * or an edit; a page only ever reads the result.
 */
export async function recountInventory(tx: Tx): Promise<Counters> {
  const counters = await countInventory(tx);
  const keys = Object.keys(counters);
  const values = Object.values(counters).map(BigInt);
  await tx.$executeRaw`
    insert into inventory_counters (key, value, updated_at) select key, value, ${now()}::timestamptz from unnest(${keys}::text[], ${values}::bigint[]) as fresh (key, value)
    on conflict (key) do update set value = excluded.value, updated_at = excluded.updated_at where inventory_counters.value <> excluded.value`;
  await tx.$executeRaw`delete from inventory_counters where not key = any(${keys}::text[])`;
  await tx.$executeRaw`
    insert into inventory_history (day, key, value) select ${dayOf(now())}::date, key, value from unnest(${keys}::text[], ${values}::bigint[]) as fresh (key, value)
    on conflict (day, key) do update set value = excluded.value where inventory_history.value <> excluded.value`;
  return counters;
}

/** The kept counters, as the pages read them. A key that is absent is nought. */
export async function readCounters(): Promise<Counters> {
  const rows = await db().inventoryCounter.findMany();
  return Object.fromEntries(rows.map((row) => [row.key, Number(row.value)]));
}

/** The same figures counted now, for the recount and for the test that the kept ones have not drifted. */
export async function countInventory(tx: Tx): Promise<Counters> {
  const at = now();
  const ago = (days: number) => plus(at, -days * dayMs);
  const rows = await tx.$queryRaw<{ key: string; value: number }[]>`
    with live as materialized (
      select kind, kind = 'human' human, owner_id is null and kind <> 'human' no_owner, environment, privilege >= 3 privileged, last_use_state state,
        case when last_use_state <> 'used' then last_use_state
          when last_used_at > ${ago(1)}::timestamptz then 'today' when last_used_at > ${ago(7)}::timestamptz then '7d' when last_used_at > ${ago(30)}::timestamptz then '30d'
          when last_used_at > ${ago(90)}::timestamptz then '90d' when last_used_at > ${ago(365)}::timestamptz then '1y' else 'longer' end bucket,
        (last_use_state = 'used' and last_used_at <= ${ago(90)}::timestamptz) or (last_use_state = 'not_used' and not_used_since <= ${ago(90)}::timestamptz) idle
      from identities where removed_at is null
    ), keys as materialized (
      select case when source_created_at is null then 'unknown' when source_created_at > ${ago(30)}::timestamptz then '30d' when source_created_at > ${ago(90)}::timestamptz then '90d'
          when source_created_at > ${ago(365)}::timestamptz then '1y' when source_created_at > ${ago(730)}::timestamptz then '2y' else 'older' end age,
        status = 'active' and expires_at > ${at}::timestamptz and expires_at <= ${plus(at, 7 * dayMs)}::timestamptz ending
      from credentials where removed_at is null
    )
    select 'identities' key, count(*)::int value from live
    union all select 'identities.' || kind, count(*) from live group by kind
    union all select 'identities.privileged', count(*) from live where privileged
    union all select 'identities.privileged.human', count(*) from live where privileged and human
    union all select 'identities.no_owner', count(*) from live where no_owner
    union all select 'identities.no_owner.production', count(*) from live where no_owner and environment = 'production'
    union all select 'identities.no_owner.' || kind, count(*) from live where no_owner group by kind
    union all select 'identities.not_used_90d', count(*) from live where idle
    union all select 'identities.not_used_90d.privileged', count(*) from live where idle and privileged
    union all select 'identities.last_use.' || bucket, count(*) from live group by bucket
    union all select 'credentials', count(*) from keys
    union all select 'credentials.age.' || age, count(*) from keys group by age
    union all select 'credentials.ending_7d', count(*) from keys where ending
    union all select 'accounts', count(*) from principals where removed_at is null and type = 'account'
    union all select 'accounts.unmatched', count(*) from principals where removed_at is null and type = 'account' and identity_id is null
    union all select 'resources', count(*) from resources where removed_at is null
    union all select 'assignments', count(*) from assignments where removed_at is null
    union all select 'memberships', count(*) from memberships where removed_at is null and not implicit
    union all select 'connections', count(*) from connections where removed_at is null`;
  return Object.fromEntries(rows.map(({ key, value }) => [key, Number(value)]));
}
