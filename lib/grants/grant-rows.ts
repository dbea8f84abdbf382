import type { IdentityKind } from "../connectors/schema";
import { type ProvisionError, provisionError, type Way } from "./schema";
import type { EndReason, GrantState } from "./states";

/** A grant as a row of a list. */
export type GrantRow = {
  id: string;
  requestId: string | null;
  requestNumber: number | null;
  state: GrantState;
  endedBecause: EndReason | null;
  endedWords: string | null;
  give: Way;
  breakGlass: boolean;
  subject: { id: string; name: string; kind: IdentityKind };
  connection: { id: string; name: string; environment: string };
  /** The account that holds it; null until a short-lived one is made. */
  account: { id: string; name: string } | null;
  permission: string;
  resource: { type: string; externalId: string; name: string };
  privilege: number;
  createdAt: string;
  startsAt: string;
  /** Its subject has to confirm the beginning with a passkey, until then; null where nothing waits for that. */
  confirmBy: string | null;
  activatedAt: string | null;
  endsAt: string | null;
  endedAt: string | null;
  deliveredAt: string | null;
  /** The request for more time that waits for an answer. */
  moreTime: { id: string; number: number } | null;
  drift: "taken_away" | "came_back" | null;
  attempts: number;
  nextTryAt: string | null;
  /** What kept the last try from the system. */
  lastError: ProvisionError | null;
};

/** SQL: the columns of such a row, over a page of grants `p`. */
export const grantColumns = `p.id, p.request_id, q.number as request_number, p.state, p.ended_because, p.ended_words, p.give,
  p.break_glass, s.id as subject_id, s.name as subject_name, s.kind as subject_kind, c.id as connection_id,
  c.name as connection_name, c.environment, a.id as account_id, a.name as account_name, p.permission, p.resource_type,
  p.resource_external_id, p.resource_name, p.privilege::int, p.created_at, p.starts_at, case when p.state = 'scheduled' and p.confirmed_at is null then p.confirm_by end as confirm_by, p.activated_at, p.ends_at, p.ended_at,
  p.delivered_at, x.id as extending_id, x.number as extending_number, p.drift, greatest(p.attempts, m.attempts) as attempts, coalesce(p.next_try_at, m.next_try_at) as next_try_at,
  coalesce(p.last_error, m.last_error) as last_error`;

// Of a grant to an account of one's own the tries are noted on the edge, which several grants may share.
export const grantJoins = `join identities s on s.id = p.subject_id join connections c on c.id = p.connection_id
  left join requests q on q.id = p.request_id left join principals a on a.id = p.account_id
  left join lateral (select id, number from requests where extends_grant_id = p.id and state = 'pending' order by id limit 1) x on p.state = 'active'
  left join managed_accesses m on p.state in ('activating', 'activation_failed', 'ending', 'ending_failed')
    and m.account_id = p.account_id and (m.group_id = p.group_id or m.entitlement_id = p.entitlement_id)`;

export type GrantRecord = {
  id: string;
  row_id: string;
  sort_key: string;
  request_id: string | null;
  request_number: string | null;
  state: GrantState;
  ended_because: EndReason | null;
  ended_words: string | null;
  give: Way;
  break_glass: boolean;
  subject_id: string;
  subject_name: string;
  subject_kind: IdentityKind;
  connection_id: string;
  connection_name: string;
  environment: string;
  account_id: string | null;
  account_name: string | null;
  permission: string;
  resource_type: string;
  resource_external_id: string;
  resource_name: string;
  privilege: number;
  created_at: Date;
  starts_at: Date;
  confirm_by: Date | null;
  activated_at: Date | null;
  ends_at: Date | null;
  ended_at: Date | null;
  delivered_at: Date | null;
  extending_id: string | null;
  extending_number: string | null;
  drift: GrantRow["drift"];
  attempts: number;
  next_try_at: Date | null;
  last_error: unknown;
};

export function grantRowOf(row: GrantRecord): GrantRow {
  const error = provisionError.safeParse(row.last_error);
  return {
    id: row.id,
    requestId: row.request_id,
    requestNumber: row.request_number === null ? null : Number(row.request_number),
    state: row.state,
    endedBecause: row.ended_because,
    endedWords: row.ended_words,
    give: row.give,
    breakGlass: row.break_glass,
    subject: { id: row.subject_id, name: row.subject_name, kind: row.subject_kind },
    connection: { id: row.connection_id, name: row.connection_name, environment: row.environment },
    account: row.account_id === null ? null : { id: row.account_id, name: row.account_name ?? "" },
    permission: row.permission,
    resource: { type: row.resource_type, externalId: row.resource_external_id, name: row.resource_name },
    privilege: row.privilege,
    createdAt: row.created_at.toISOString(),
    startsAt: row.starts_at.toISOString(),
    confirmBy: row.confirm_by?.toISOString() ?? null,
    activatedAt: row.activated_at?.toISOString() ?? null,
    endsAt: row.ends_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    deliveredAt: row.delivered_at?.toISOString() ?? null,
    moreTime: row.extending_id === null ? null : { id: row.extending_id, number: Number(row.extending_number) },
    drift: row.drift,
    attempts: row.attempts,
    nextTryAt: row.next_try_at?.toISOString() ?? null,
    lastError: error.success ? error.data : null,
  };
}
