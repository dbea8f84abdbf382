import { aliveSql, standsSql } from "./held-sql";
import { ownIdentitiesSql } from "./own-identities";

// Common tables, to go after `with recursive`: `reached (id)`, the accounts that hold any of some entitlements, in the
// order of their ids, and `below (id)`, the groups through which they do. The values they take: $1 the entitlements,
// $2 the time, $3 the first account, $4 how many; and the narrowed ones $5 an identity or null, $6 whose own they must
// be or null.

const narrowing = `($5::uuid is null or p.identity_id = $5)
  and ($6::uuid is null or p.identity_id in (${ownIdentitiesSql("$6")}))`;

const holders = (when: "now" | "past") => `holders as materialized (
    select distinct s.principal_id as id from assignments s
    where s.entitlement_id = any($1::uuid[]) and ${standsSql("s", when, "$2")})`;

const belowNow = `below as materialized (
    select c.descendant_id as id, bool_or(c.inherits) as inherits
    from holders h join group_closure c on c.ancestor_id = h.id group by c.descendant_id)`;

// Through so many groups, the next accounts are likely to be among those that hold it: this many of them are tried
// before the members of each group are read.
const manyGroups = 200;
const tried = 2_000;

/**
 * SQL: everybody. Each group's members are read a page at most, in the order of the page, so that a group of millions
 * costs no more than one of fifty; what nearly everybody holds is found by trying the next accounts.
 */
export const reachedNowSql = `
  ${holders("now")}, ${belowNow},
  following as materialized (
    select p.id, p.type, p.removed_at from principals p
    where p.id >= $3 and (select count(*) from below) > ${manyGroups} order by p.id limit ${tried}),
  steps as materialized (
    select n.id, m.group_id, m.inherits, m.switches
    from following n cross join lateral (
      -- The offset keeps these few look-ups from being turned into a reading of all memberships.
      select m.group_id, m.inherits, m.switches from memberships m
      where m.member_id = n.id and m.removed_at is null offset 0) m
    where n.type = 'account' and n.removed_at is null),
  near as materialized (
    select id from (
      select n.id from following n join holders h on h.id = n.id where n.type = 'account' and n.removed_at is null
      union
      select s.id from steps s join below b on b.id = s.group_id where s.switches or (s.inherits and b.inherits)
    ) as nearest
    order by id limit $4),
  reached as materialized (
    select id from near where (select count(*) from near) = $4
    union all
    (select id from (
      select p.id from holders h join principals p on p.id = h.id and p.type = 'account' where p.id >= $3
      union
      select m.member_id from below b cross join lateral (
        select m.member_id from memberships m join principals p on p.id = m.member_id and p.type = 'account'
        where m.group_id = b.id and m.removed_at is null and m.member_id >= $3
          and (m.switches or (m.inherits and b.inherits))
        order by m.member_id limit $4) m) as everybody
    where (select count(*) from near) < $4
    order by id limit $4))`;

/** SQL: the same among the accounts of one identity, or of those that are somebody's own. */
export const reachedNarrowedSql = `
  ${holders("now")}, ${belowNow},
  reached as materialized (
    select p.id from principals p
    where p.type = 'account' and p.removed_at is null and p.id >= $3 and ${narrowing}
      and (p.id in (select id from holders) or exists (
        select from memberships m join below b on b.id = m.group_id
        where m.member_id = p.id and m.removed_at is null and (m.switches or (m.inherits and b.inherits))))
    order by p.id limit $4)`;

/** SQL: the same as it was: from the holders down, inheriting members first, then those who could become them. */
export const reachedThenSql = `
  ${holders("past")},
  down (id, phase) as (
    select h.id, 0 from holders h
    union
    select m.member_id, next.phase
    from down d join memberships m on m.group_id = d.id and ${aliveSql("m", "past", "$2")}
    join (values (0, true, 0), (0, false, 1), (1, false, 1)) as next (after, inheriting, phase)
      on next.after = d.phase and case when next.inheriting then m.inherits else m.switches end),
  below as materialized (select distinct id from down),
  reached as materialized (
    select p.id from below b join principals p on p.id = b.id and p.type = 'account'
    where p.id >= $3 and ${narrowing} order by p.id limit $4)`;
