import type { Actor } from "../auth/actor";
import { may } from "../auth/authorize";
import { type HistoryInput, historyInput, readHistory } from "./history";
import { assertMayRead } from "./identity-queries";

export const historyKinds = ["account", "membership", "assignment", "credential", "change", "event"] as const;
export type HistoryKind = (typeof historyKinds)[number];

/**
 * Something that happened to an identity. What came or went in one moment on one account is one entry with a count, so
 * that a first sync is not three thousand lines.
 */
export type HistoryEntry = {
  key: string;
  at: Date;
  kind: HistoryKind;
  /** Came, went, or was changed. */
  way: "came" | "went" | "changed";
  connection: string | null;
  account: string | null;
  count: number;
  /** Up to five of what came or went; of an event its action. */
  names: string[];
  /** Of a change: from what to what. */
  detail: string | null;
  /** Of an event: its id and who did it. */
  event: { id: string; actor: string; outcome: string } | null;
};

export type HistoryPage = { items: HistoryEntry[]; nextCursor: string | null; hidden: "events" | null };

/**
 * What became of an identity, the newest first: its accounts, memberships, direct assignments and credentials as they
 * came and went, how its accounts changed, and what was done to it here, which only readers of the record see.
 */
export async function listIdentityHistory(actor: Actor, input: HistoryInput): Promise<HistoryPage> {
  const asked = historyInput.parse(input);
  await assertMayRead(actor, asked.id);
  const seesRecord = may(actor, "activity:read");
  const { items, nextCursor } = await readHistory<HistoryRow>(
    `accounts as materialized (
       select p.id, p.name, c.name as connection, p.first_seen_at, p.removed_at
       from principals p join connections c on c.id = p.connection_id where p.identity_id = $1
     ), history as (
       ${[...intervals(), changes, ...(seesRecord ? [events] : [])].join("\n union all ")}
     )`,
    asked,
  );
  return { items: items.map(entryOf), nextCursor, hidden: seesRecord ? null : "events" };
}

const edges = {
  membership: "memberships e on e.member_id = a.id join principals g on g.id = e.group_id",
  assignment: `assignments e on e.principal_id = a.id join entitlements t on t.id = e.entitlement_id
    join resources r on r.id = t.resource_id`,
  credential: "credentials e on e.principal_id = a.id",
} as const;
const names = {
  membership: "g.name",
  assignment: "t.permission || ' on ' || r.name",
  credential: "e.kind || ' ' || e.name",
};

// Each table of intervals twice: when its rows came and when they went.
function intervals(): string[] {
  const ways = [
    { way: "came", column: "first_seen_at" },
    { way: "went", column: "removed_at" },
  ] as const;
  const ofAccounts = ways.map(
    ({
      way,
      column,
    }) => `select a.${column} as at, 'account:${way}:' || a.id as key, 'account' as kind, '${way}' as way,
       a.connection, a.name as account, 1 as count, array[a.name] as names, null as detail,
       null::uuid as event_id, null as actor, null as outcome
     from accounts a where a.${column} is not null`,
  );
  const ofEdges = (["membership", "assignment", "credential"] as const).flatMap((kind) =>
    ways.map(
      ({ way, column }) => `select at, '${kind}:${way}:' || id, '${kind}', '${way}', connection, account, count(*)::int,
         (array_agg(name order by name))[1:5], null, null::uuid, null, null
       from (select e.${column} as at, a.id, a.connection, a.name as account, ${names[kind]} as name
             from accounts a join ${edges[kind]} where e.${column} is not null) x
       group by at, id, connection, account`,
    ),
  );
  return [...ofAccounts, ...ofEdges];
}

const changes = `select v.valid_to, 'change:' || a.id || v.valid_to::text, 'change', 'changed', a.connection, a.name, 1, array[a.name],
    concat_ws(', ',
      case when v.name <> n.name then 'name from ' || v.name || ' to ' || n.name end,
      case when v.status <> n.status then 'status from ' || v.status || ' to ' || n.status end,
      case when v.attributes <> n.attributes then (
        select string_agg(k.key || ' from ' || coalesce(left(v.attributes ->> k.key, 60), 'nothing') || ' to ' ||
          coalesce(left(n.attributes ->> k.key, 60), 'nothing'), ', ')
        from (select key from jsonb_object_keys(v.attributes || n.attributes) key
              where v.attributes -> key is distinct from n.attributes -> key order by 1 limit 4) k) end),
    null::uuid, null, null
  from accounts a join principal_versions v on v.principal_id = a.id
  cross join lateral (
    select name, status, attributes from (
      select w.name, w.status, w.attributes, w.valid_to from principal_versions w where w.principal_id = a.id and w.valid_to > v.valid_to
      union all select p.name, p.status, p.attributes, 'infinity' from principals p where p.id = a.id) later
    order by valid_to limit 1) n`;

const events = `select e.at, 'event:' || e.id, 'event', 'changed', null, null, 1, array[e.action],
    coalesce(e.details ->> 'summary', (select string_agg(key, ', ' order by key) from jsonb_object_keys(
      case when jsonb_typeof(e.details -> 'after') = 'object' then e.details -> 'after' else '{}' end) key)), e.id,
    e.actor_name, e.outcome
  from audit_events e where e.target_type = 'identity' and e.target_id = $1::text`;

type HistoryRow = {
  key: string;
  at: Date;
  kind: HistoryKind;
  way: HistoryEntry["way"];
  connection: string | null;
  account: string | null;
  count: number;
  names: string[];
  detail: string | null;
  event_id: string | null;
  actor: string | null;
  outcome: string | null;
  micros: string;
};

function entryOf(row: HistoryRow): HistoryEntry {
  const { event_id, actor, outcome, micros: _, ...entry } = row;
  return {
    ...entry,
    detail: entry.detail || null,
    event: event_id === null ? null : { id: event_id, actor: actor ?? "?", outcome: outcome ?? "allowed" },
  };
}
