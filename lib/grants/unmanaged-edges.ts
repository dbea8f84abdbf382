// Two plain tables as one, without a condition of its own: only so does the database read both in the order of their
// indexes, as far as a page goes, however many there are.
const edgesSql = `
    select m.id * 2 as id, m.connection_id, m.member_id as account_id, m.group_id, null::uuid as entitlement_id,
      null::text as granted_by, m.implicit, m.first_seen_at, m.removed_at
    from memberships m
    union all
    select s.id * 2 + 1, s.connection_id, s.principal_id, null, s.entitlement_id, s.granted_by, false, s.first_seen_at,
      s.removed_at
    from assignments s`;

/**
 * SQL: memberships and direct assignments of anybody as the table `u`: `id`, `connection_id`, `account_id`, `group_id` or
 * `entitlement_id`, `granted_by`, `first_seen_at`. Goes with `unmanagedSql`.
 */
export const unmanagedFrom = `(${edgesSql}) u`;

/**
 * SQL: is `u` held by an account itself, and explained by no live grant, rule or review? What everybody has without
 * being given it (PUBLIC) is nobody's to explain; what owning a thing brings is not said beside that it is owned.
 */
export const unmanagedSql = `u.removed_at is null and not u.implicit
  and exists (select from principals a where a.id = u.account_id and a.type = 'account' and a.removed_at is null)
  and not exists (select from justifications j where j.account_id = u.account_id and j.ended_at is null
    and (j.group_id = u.group_id or j.entitlement_id = u.entitlement_id))
  and not exists (select from entitlements e join entitlements o on o.resource_id = e.resource_id and o.permission = 'OWNER'
    and o.id <> e.id join assignments x on x.entitlement_id = o.id and x.principal_id = u.account_id and x.removed_at is null
    where e.id = u.entitlement_id)`;
