import type { Read } from "../db/client";

/** An account of who leaves, and the system that it is in. */
export type LeavingAccount = {
  id: string;
  name: string;
  externalId: string;
  status: string;
  connectionId: string;
  connection: string;
  connector: string;
  settings: unknown;
  environment: string;
};

/** One access that an account holds directly: membership of a group, or an entitlement. */
export type LeavingAccess = {
  accountId: string;
  connectionId: string;
  groupId: string | null;
  entitlementId: string | null;
  permission: string;
  resource: { type: string; externalId: string; name: string };
  privilege: number;
};

/** The accounts of an identity, the mightiest systems first. */
export function findAccounts(read: Read, identityId: string): Promise<LeavingAccount[]> {
  return read<LeavingAccount>(
    `select p.id, p.name, p.external_id as "externalId", p.status, c.id as "connectionId", c.name as connection, c.connector, c.settings, c.environment
     from principals p join connections c on c.id = p.connection_id
     where p.identity_id = $1::uuid and p.type = 'account' and p.removed_at is null and c.removed_at is null
     order by c.environment <> 'production', c.name, p.name, p.id`,
    [identityId],
  );
}

/**
 * What these accounts hold directly, the mightiest first. What Rollcall itself gave by a live grant is left out: it ends
 * with its grant. In a directory membership of a group is listed once.
 */
export async function findAccess(read: Read, identityId: string): Promise<LeavingAccess[]> {
  return read<LeavingAccess>(
    `with accounts as (select p.id, p.connection_id from principals p join connections c on c.id = p.connection_id
       where p.identity_id = $1::uuid and p.type = 'account' and p.removed_at is null and c.removed_at is null),
     held as (
       select a.id as account_id, a.connection_id, m.group_id, null::uuid as entitlement_id, 'member' as permission,
         jsonb_build_object('type', 'group', 'externalId', g.external_id, 'name', g.name) as resource,
         coalesce((select max(e.privilege) from assignments x join entitlements e on e.id = x.entitlement_id
           where x.principal_id = g.id and x.removed_at is null), 1)::int as privilege
       from accounts a join memberships m on m.member_id = a.id and m.removed_at is null and not m.implicit
       join principals g on g.id = m.group_id
       union all
       select a.id, a.connection_id, null, e.id, e.permission,
         jsonb_build_object('type', r.type, 'externalId', r.external_id, 'name', r.name), e.privilege::int
       from accounts a join assignments x on x.principal_id = a.id and x.removed_at is null
       join entitlements e on e.id = x.entitlement_id join resources r on r.id = e.resource_id
       where not (e.permission = 'member' and exists (select 1 from memberships m join principals g on g.id = m.group_id
         where m.member_id = a.id and m.removed_at is null and r.type = 'group' and g.external_id = r.external_id)))
     select h.account_id as "accountId", h.connection_id as "connectionId", h.group_id as "groupId",
       h.entitlement_id as "entitlementId", h.permission, h.resource, h.privilege
     from held h where not exists (
       select 1 from managed_accesses m join justifications j on j.account_id = m.account_id and j.ended_at is null
         and (j.group_id = m.group_id or j.entitlement_id = m.entitlement_id)
       where m.account_id = h.account_id and m.state = 'held' and not m.found_standing
         and (m.group_id = h.group_id or m.entitlement_id = h.entitlement_id))
     order by h.privilege desc, h.connection_id, h.account_id, h.resource ->> 'name'`,
    [identityId],
  );
}

/** The grants of an identity that are not over. */
export function findGrants(read: Read, identityId: string) {
  return read<{
    id: string;
    connectionId: string;
    connection: string;
    give: string;
    permission: string;
    resource: string;
    privilege: number;
    accountId: string | null;
  }>(
    `select g.id, g.connection_id as "connectionId", c.name as connection, g.give, g.permission, g.resource_name as resource,
       g.privilege::int, g.account_id as "accountId"
     from grants g join connections c on c.id = g.connection_id
     where g.subject_id = $1::uuid and g.state <> 'ended' order by g.privilege desc, g.id`,
    [identityId],
  );
}

/** What proves those accounts. */
export function findCredentials(read: Read, identityId: string) {
  return read<{ id: string; kind: string; name: string; accountId: string; connectionId: string; connection: string }>(
    `select k.id, k.kind, k.name, p.id as "accountId", c.id as "connectionId", c.name as connection
     from principals p join credentials k on k.principal_id = p.id and k.removed_at is null
     join connections c on c.id = p.connection_id and c.removed_at is null
     where p.identity_id = $1::uuid and p.type = 'account' and p.removed_at is null order by c.name, k.name, k.id limit 5000`,
    [identityId],
  );
}

/** Their sign-in to Rollcall itself. */
export async function findSignIn(read: Read, identityId: string) {
  return read<{ userId: string; name: string; sessions: number; tokens: number; passkeys: number; disabled: boolean }>(
    `select u.id as "userId", coalesce(u.name, u.email, '') as name, u.disabled_at is not null as disabled,
       (select count(*)::int from sessions s where s.user_id = u.id and s.expires_at > clock_timestamp()) as sessions,
       (select count(*)::int from api_tokens t where t.user_id = u.id and t.revoked_at is null and t.expires_at > clock_timestamp()) as tokens,
       (select count(*)::int from passkeys k where k.user_id = u.id) as passkeys
     from users u where u.identity_id = $1::uuid order by u.id`,
    [identityId],
  );
}
