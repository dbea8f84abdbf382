import { ownIdentitiesSql } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { authorize, may } from "../auth/authorize";
import { rows } from "../db/client";
import { dayMs, now, plus } from "../time";
import { type Counters, readCounters } from "./counters";

/** A connected system: how fresh it is, and what is known of use in it. */
export type SystemFreshness = {
  id: string;
  name: string;
  status: "new" | "current" | "failing" | "paused";
  lastReadAt: Date | null;
  scheduleMinutes: number | null;
  coverage: { complete: boolean; since: string | null; because: string | null };
};

/** Something that needs somebody. Every kind is a condition that holds now; nothing is invented. */
export type Need =
  | {
      type: "paused";
      id: string;
      name: string;
      since: Date;
      removed: number;
      of: number;
      kind: string;
      owner: string | null;
    }
  | {
      type: "failing";
      id: string;
      name: string;
      since: Date | null;
      message: string;
      failures: number;
      owner: string | null;
    }
  | { type: "no_owner"; count: number }
  | { type: "unmatched"; count: number }
  | { type: "ending"; count: number; soonest: Date | null; usedToday: number };

/** What is different from a week ago. */
export type Changes = {
  newIdentities: number;
  goneIdentities: number;
  /** What syncs of this week added and removed, by kind of thing. */
  synced: Record<string, { added: number; removed: number }>;
  syncs: { done: number; failed: number };
  newConnections: { id: string; name: string; at: Date }[];
  /** Null where the reader does not see the record. */
  denied: number | null;
};

export type Overview = {
  counters: Counters;
  /** The counters of identities by day, as far back as twelve weeks. */
  history: { day: string; key: string; value: number }[];
  needs: Need[];
  changes: Changes;
  systems: SystemFreshness[];
};

const weekMs = 7 * dayMs;

/** What there is, what needs somebody, what changed this week. Reads kept figures: it costs the same at any size. */
export async function getOverview(actor: Actor): Promise<Overview> {
  await authorize(actor, "identity:read", { type: "overview" });
  const [counters, history, systems] = await Promise.all([readCounters(), readHistory(), readSystems()]);
  const [needs, changes] = await Promise.all([readNeeds(counters), readChanges(actor)]);
  return { counters, history, needs, changes, systems };
}

async function readHistory(): Promise<Overview["history"]> {
  const found = await rows<{ day: string; key: string; value: string }>(
    `select to_char(day, 'YYYY-MM-DD') as day, key, value from inventory_history
     where day >= $1::date and (key = 'identities' or key like 'identities.privileged%' or key = any($2)) order by day`,
    [
      plus(now(), -12 * weekMs)
        .toISOString()
        .slice(0, 10),
      kindKeys,
    ],
  );
  return found.map((row) => ({ ...row, value: Number(row.value) }));
}

const kindKeys = ["human", "service_account", "api_client", "ci_pipeline", "workload", "bot", "ai_agent"].map(
  (kind) => `identities.${kind}`,
);

async function readSystems(): Promise<SystemFreshness[]> {
  const found = await rows<
    Omit<SystemFreshness, "coverage"> & { account: Partial<SystemFreshness["coverage"]> | null }
  >(
    `select id, name, status, last_read_at as "lastReadAt", schedule_minutes as "scheduleMinutes",
       coverage -> 'account' as account
     from connections where removed_at is null
     order by array_position(array['paused', 'failing', 'new', 'current'], status), name limit 200`,
  );
  return found.map(({ account, ...system }) => ({
    ...system,
    coverage: {
      complete: account?.complete ?? false,
      since: account?.since ?? null,
      because: account?.because ?? null,
    },
  }));
}

async function readNeeds(counters: Counters): Promise<Need[]> {
  const [paused, failing, ending] = await Promise.all([readPaused(), readFailing(), readEnding(counters)]);
  const noOwner = counters["identities.no_owner.production"] ?? 0;
  const unmatched = counters["accounts.unmatched"] ?? 0;
  return [
    ...paused,
    ...failing,
    ...(noOwner > 0 ? [{ type: "no_owner" as const, count: noOwner }] : []),
    ...(unmatched > 0 ? [{ type: "unmatched" as const, count: unmatched }] : []),
    ...ending,
  ];
}

type Brake = { kinds?: { kind: string; removed: number; of: number }[] };

async function readPaused(): Promise<Need[]> {
  const found = await rows<{ id: string; name: string; since: Date; brake: Brake | null; owner: string | null }>(
    `select c.id, c.name, coalesce(r.started_at, r.created_at) as since, r.brake, o.name as owner
     from sync_runs r join connections c on c.id = r.connection_id left join identities o on o.id = c.owner_id
     where r.state = 'paused' and c.removed_at is null order by since limit 20`,
  );
  return found.map(({ brake, ...row }) => {
    const worst = [...(brake?.kinds ?? [])].sort((a, b) => b.removed / b.of - a.removed / a.of)[0];
    return { type: "paused", ...row, removed: worst?.removed ?? 0, of: worst?.of ?? 0, kind: worst?.kind ?? "thing" };
  });
}

async function readFailing(): Promise<Need[]> {
  return rows<Need>(
    `select 'failing' as type, c.id, c.name, c.last_read_at as since, c.failures_in_row as failures, o.name as owner,
       coalesce(r.error ->> 'message', 'The last sync failed') as message
     from connections c left join identities o on o.id = c.owner_id
     left join lateral (select error from sync_runs where connection_id = c.id and state = 'failed'
       order by created_at desc limit 1) r on true
     where c.status = 'failing' and c.removed_at is null order by c.failures_in_row desc, c.name limit 20`,
  );
}

async function readEnding(counters: Counters): Promise<Need[]> {
  const count = counters["credentials.ending_7d"] ?? 0;
  if (count === 0) return [];
  const at = now();
  const [found] = await rows<{ soonest: Date | null; used: number }>(
    `select min(expires_at) as soonest, count(*) filter (where last_used_at > $3)::int as used from (
       select expires_at, last_used_at from credentials
       where removed_at is null and status = 'active' and expires_at > $1 and expires_at <= $2
       order by expires_at limit 10000) ending`,
    [at, plus(at, weekMs), plus(at, -dayMs)],
  );
  return [{ type: "ending", count, soonest: found?.soonest ?? null, usedToday: found?.used ?? 0 }];
}

async function readChanges(actor: Actor): Promise<Changes> {
  const since = plus(now(), -weekMs);
  const [[counted], synced, [syncs], newConnections, denied] = await Promise.all([
    rows<{ fresh: number; gone: number }>(
      `select (select count(*)::int from (select 1 from identities where removed_at is null and first_seen_at >= $1 limit 10000) f) as fresh,
         (select count(*)::int from (select 1 from identities where removed_at >= $1 limit 10000) g) as gone`,
      [since],
    ),
    rows<{ kind: string; added: string; removed: string }>(
      `select k.kind, sum((k.change ->> 'added')::bigint) as added, sum((k.change ->> 'removed')::bigint) as removed
       from sync_runs r cross join lateral jsonb_each(r.result) as k (kind, change)
       where r.created_at >= $1 and r.state = 'done' and jsonb_typeof(r.result) = 'object' group by 1`,
      [since],
    ),
    rows<{ done: number; failed: number }>(
      `select count(*) filter (where state = 'done')::int as done, count(*) filter (where state = 'failed')::int as failed
       from sync_runs where created_at >= $1`,
      [since],
    ),
    rows<Changes["newConnections"][number]>(
      "select id, name, created_at as at from connections where removed_at is null and created_at >= $1 order by created_at desc limit 3",
      [since],
    ),
    may(actor, "activity:read") ? countDenied(since) : null,
  ]);
  return {
    newIdentities: counted?.fresh ?? 0,
    goneIdentities: counted?.gone ?? 0,
    synced: Object.fromEntries(
      synced.map((row) => [row.kind, { added: Number(row.added), removed: Number(row.removed) }]),
    ),
    syncs: { done: syncs?.done ?? 0, failed: syncs?.failed ?? 0 },
    newConnections,
    denied,
  };
}

async function countDenied(since: Date): Promise<number> {
  const [found] = await rows<{ denied: number }>(
    "select count(*)::int as denied from (select 1 from audit_events where outcome = 'denied' and at >= $1 limit 10000) d",
    [since],
  );
  return found?.denied ?? 0;
}

/** What a member's overview shows: what is theirs, and how much is hidden from them. */
export type OwnOverview = {
  you: string | null;
  owned: number;
  ownedUnused: number;
  ownedEnding: number;
  reports: number;
  /** Identities that the reader's role does not show, from a kept figure. */
  hidden: number;
};

/** The overview of somebody who sees only their own. */
export async function getOwnOverview(actor: Actor): Promise<OwnOverview> {
  const you = actor.type === "person" ? actor.identityId : null;
  const at = now();
  const [found] = await rows<{ owned: number; unused: number; ending: number; reports: number; seen: number }>(
    `with owned as (select * from identities where removed_at is null and $1::uuid in (owner_id, backup_owner_id))
     select (select count(*)::int from owned) as owned,
       (select count(*)::int from owned where last_use_state <> 'unknown' and coalesce(last_used_at, not_used_since) < $2) as unused,
       (select count(*)::int from owned o join principals p on p.identity_id = o.id and p.removed_at is null
          join credentials k on k.principal_id = p.id and k.removed_at is null
        where k.status = 'active' and k.expires_at > $3 and k.expires_at <= $4) as ending,
       (select count(*)::int from identities where removed_at is null and manager_id = $1) as reports,
       (select count(*)::int from identities where removed_at is null and id in (${ownIdentitiesSql("$1")})) as seen`,
    [you, plus(at, -90 * dayMs), at, plus(at, weekMs)],
  );
  const all = (await readCounters()).identities ?? 0;
  return {
    you,
    owned: found?.owned ?? 0,
    ownedUnused: found?.unused ?? 0,
    ownedEnding: found?.ending ?? 0,
    reports: found?.reports ?? 0,
    hidden: Math.max(0, all - (found?.seen ?? 0)),
  };
}
