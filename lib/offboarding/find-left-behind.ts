import type { Read } from "../db/client";
import { kindLabels } from "../inventory/labels";
import type { Disposition, ItemKind } from "./schema";

/** Something that somebody who leaves leaves behind, and to whom it could go. */
export type LeftBehind = {
  kind: ItemKind;
  subjectId: string;
  name: string;
  detail: string;
  suggested: Disposition | null;
  suggestedId: string | null;
  suggestedName: string | null;
  evidence: string;
};

type Row = Omit<LeftBehind, "suggested" | "suggestedId" | "suggestedName" | "evidence"> & {
  /** Who stands ready for this very thing, ahead of the manager. */
  heirId: string | null;
  heirName: string | null;
  heirBecause: string | null;
};

const mostOfAKind = 1_000;

/**
 * What `identityId` leaves behind now: what it owns and backs up, who reports to it, what it asked for, what waits for it,
 * who stands in for whom, the tokens that it made, the policies that name it.
 */
export async function findLeftBehind(read: Read, identityId: string): Promise<LeftBehind[]> {
  const heir = await findManager(read, identityId);
  const rows = await read<Row>(everyKind, [identityId]);
  return rows.map((row) => withSuggestion(row, heir));
}

type Heir = { id: string; name: string; because: string };

// The nearest one above who is still here; of a machine, its owner.
async function findManager(read: Read, identityId: string): Promise<Heir | null> {
  const [row] = await read<Heir & { depth: number; of: string }>(
    `with recursive up (id, depth) as (
       select coalesce(s.manager_id, s.owner_id), 1 from identities s where s.id = $1::uuid
       union select i.manager_id, up.depth + 1 from up join identities i on i.id = up.id where up.depth < 20)
     select i.id, i.name, up.depth, s.name as of from up join identities i on i.id = up.id join identities s on s.id = $1::uuid
     where i.kind = 'human' and i.status = 'active' and i.removed_at is null and i.left_at is null and i.id <> s.id
     order by up.depth limit 1`,
    [identityId],
  );
  if (!row) return null;
  const because =
    row.depth === 1 ? `manager of ${row.of} in the inventory` : `nearest manager above ${row.of} who is here`;
  return { id: row.id, name: row.name, because };
}

const handedOver: readonly ItemKind[] = [
  "owned_identity",
  "backup_owner",
  "owned_connection",
  "owned_resource",
  "created_identity",
  "created_connection",
  "report",
  "approval",
  "hand_task",
];
const ended = { request: "cancel", delegation: "cancel", token: "revoke" } as const;

function withSuggestion({ heirId, heirName, heirBecause, ...row }: Row, manager: Heir | null): LeftBehind {
  if (!handedOver.includes(row.kind)) {
    const suggested = row.kind in ended ? ended[row.kind as keyof typeof ended] : null;
    return { ...row, suggested, suggestedId: null, suggestedName: null, evidence: "" };
  }
  const own = heirId === null ? null : { id: heirId, name: heirName ?? "", because: heirBecause ?? "" };
  const heir = own ?? manager;
  return {
    ...row,
    suggested: heir === null ? null : "hand_over",
    suggestedId: heir?.id ?? null,
    suggestedName: heir?.name ?? null,
    evidence: heir?.because ?? "nobody above is here: choose somebody",
  };
}

const nobody = `null::uuid as "heirId", null::text as "heirName", null::text as "heirBecause"`;
const named = (because: string) => `h.id as "heirId", h.name as "heirName", ${because} as "heirBecause"`;
const here = (alias: string) =>
  `${alias}.kind = 'human' and ${alias}.status = 'active' and ${alias}.removed_at is null and ${alias}.left_at is null and ${alias}.id <> $1::uuid`;

const kindWords = `case i.kind ${Object.entries(kindLabels)
  .map(([kind, label]) => `when '${kind}' then '${label}'`)
  .join(" ")} end`;

// An address on its own: one that ends or begins with it is somebody else's. A full stop may end the sentence.
const asWord = (
  address: string,
) => `('(^|[^[:alnum:]._%+-])' || regexp_replace(${address}, '([^[:alnum:]])', '\\\\\\1', 'g')
  || '($|[^[:alnum:]._-]|\\.($|[^[:alnum:]]))')`;

const queries: Record<ItemKind, string> = {
  owned_identity: `select 'owned_identity' as kind, i.id::text as "subjectId", i.name, ${kindWords} || coalesce(', ' || i.purpose, '') as detail,
      ${named("'backup owner of ' || i.name || ' already'")}
    from identities i left join identities h on h.id = i.backup_owner_id and ${here("h")}
    where i.owner_id = $1::uuid and i.removed_at is null and not exists (select 1 from offboardings o
      where o.identity_id = i.id and o.state <> 'cancelled') order by i.name, i.id`,
  backup_owner: `select 'backup_owner' as kind, i.id::text as "subjectId", i.name, 'backup owner' as detail, ${nobody}
    from identities i where i.backup_owner_id = $1::uuid and i.removed_at is null order by i.name, i.id`,
  owned_connection: `select 'owned_connection' as kind, c.id::text as "subjectId", c.name, 'owner of this connected system' as detail, ${nobody}
    from connections c where c.owner_id = $1::uuid and c.removed_at is null order by c.name`,
  owned_resource: `select 'owned_resource' as kind, r.id::text as "subjectId", r.name, replace(r.type, '_', ' ') || ' in ' || c.name as detail,
      ${named("'owner of the system ' || c.name")}
    from resources r join connections c on c.id = r.connection_id left join identities h on h.id = c.owner_id and ${here("h")}
    where r.owner_id = $1::uuid and r.removed_at is null order by r.name, r.id`,
  created_identity: `select distinct 'created_identity' as kind, i.id::text as "subjectId", i.name,
      ${kindWords} || ', made by ' || q.name || ' in ' || c.name || '; nobody who is here owns it' as detail, ${nobody}
    from principals q join connections c on c.id = q.connection_id
    join principals p on p.connection_id = q.connection_id and p.removed_at is null and p.attributes ? 'createdBy'
      and lower(p.attributes ->> 'createdBy') = lower(q.attributes ->> 'dn')
    join identities i on i.id = p.identity_id and i.kind <> 'human' and i.removed_at is null
    where q.identity_id = $1::uuid and i.owner_id is distinct from $1::uuid
      and not exists (select 1 from identities h where h.id = i.owner_id and ${here("h")})
      and not exists (select 1 from offboardings o where o.identity_id = i.id and o.state <> 'cancelled') order by 3, 2`,
  created_connection: `select 'created_connection' as kind, c.id::text as "subjectId", c.name, 'connected by them; it has no owner' as detail, ${nobody}
    from connections c where c.removed_at is null and c.owner_id is null and exists (select 1 from audit_events e
      where e.target_type = 'connection' and e.target_id = c.id::text and e.action = 'connection.created' and e.outcome = 'allowed'
        and e.actor ->> 'identityId' = $1::uuid::text) order by c.name`,
  report: `select 'report' as kind, i.id::text as "subjectId", i.name, coalesce(i.title, 'reports to them') as detail, ${nobody}
    from identities i where i.manager_id = $1::uuid and i.removed_at is null and i.left_at is null order by i.name, i.id`,
  request: `select 'request' as kind, r.id::text as "subjectId", 'R-' || r.number as name, left(r.reason, 200) as detail, ${nobody}
    from requests r where (r.requester_id = $1::uuid or r.subject_id = $1::uuid) and r.state = 'pending' order by r.id`,
  approval: `select distinct 'approval' as kind, r.id::text as "subjectId", 'R-' || r.number as name,
      'waits for their decision; others who may decide: ' || (select count(*) from request_approvers o
        where o.request_id = r.id and o.open and o.identity_id <> $1::uuid) as detail, ${nobody}
    from request_approvers a join requests r on r.id = a.request_id
    where a.identity_id = $1::uuid and a.open and r.state = 'pending'
      and r.requester_id <> $1::uuid and r.subject_id <> $1::uuid order by 3`,
  delegation: `select 'delegation' as kind, d.id::text as "subjectId", f.name || ' → ' || t.name as name,
      'until ' || to_char(d.ends_at at time zone 'UTC', 'YYYY-MM-DD') as detail, ${nobody}
    from delegations d join identities f on f.id = d.from_id join identities t on t.id = d.to_id
    where $1::uuid in (d.from_id, d.to_id) and d.ended_at is null and d.ends_at > clock_timestamp() order by d.id`,
  hand_task: `select 'hand_task' as kind, h.id::text as "subjectId", case h.kind when 'give' then 'Give by hand' else 'Take away by hand' end as name, 'in ' || c.name as detail, ${nobody}
    from hand_tasks h join connections c on c.id = h.connection_id
    where h.assignee_id = $1::uuid and h.done_at is null and h.cancelled_at is null order by h.id`,
  token: `select 'token' as kind, t.id::text as "subjectId", t.name, 'made by them, for a program; ends ' || to_char(t.expires_at at time zone 'UTC', 'YYYY-MM-DD') as detail,
      ${nobody}
    from api_tokens t join users u on u.id::text = t.created_by
    where u.identity_id = $1::uuid and t.user_id is null and t.revoked_at is null and t.expires_at > clock_timestamp() order by t.id`,
  policy: `select 'policy' as kind, f ->> 'name' as "subjectId", f ->> 'name' as name, 'names ' || coalesce(i.email, i.name) as detail, ${nobody}
    from (select files from policy_sets order by version desc limit 1) p cross join lateral jsonb_array_elements(p.files) f
    join identities i on i.id = $1::uuid
    where f ->> 'text' ~* ${asWord("nullif(i.email, '')")} or f ->> 'text' ~* ('\\mIdentity\\s*::\\s*"' || i.id || '"') order by 2`,
  caller: `select distinct on (u.place) 'caller' as kind, u.place as "subjectId", coalesce(nullif(u.place, ''), 'an unknown place') as name,
      'called as ' || p.name || ' in ' || c.name || ' after it was shut' as detail, ${nobody}
    from offboardings o join principals p on p.identity_id = o.identity_id join connections c on c.id = p.connection_id
    join offboarding_steps s on s.offboarding_id = o.id and s.account_id = p.id and s.kind = 'account' and s.wanted = 'gone'
    join usage_places u on u.principal_id = p.id and u.last_at > s.verified_at
    where o.identity_id = $1::uuid and o.kind = 'machine' and o.state in ('executing', 'verifying', 'waiting_for_people') order by 2, u.last_at desc`,
};

// One question, because whoever leaves waits for its answer: one kind after another, each in its own order.
const everyKind = `
  select kind, "subjectId", name, detail, "heirId", "heirName", "heirBecause" from (
    ${Object.values(queries)
      .map(
        (sql, kind) =>
          `select *, ${kind} as part, row_number() over () as place from (${sql} limit ${mostOfAKind}) one`,
      )
      .join(" union all ")}) found
  order by part, place`;
