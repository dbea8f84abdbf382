/** The state as it stands, read by way of the closure; or as it was at a time, read by walking the intervals. */
export type When = "now" | "past";

/** Which of the two a question with this `at` asks for. */
export function whenOf(at: Date | undefined): When {
  return at === undefined ? "now" : "past";
}

/** The two forms of a statement. */
export function byTime(sql: (when: When) => string): Record<When, string> {
  return { now: sql("now"), past: sql("past") };
}

/** SQL: was the observed row `alias` there? @param at the placeholder of the time that is asked for. */
export function aliveSql(alias: string, when: When, at: string): string {
  if (when === "now") return `${alias}.removed_at is null`;
  return `${alias}.first_seen_at <= ${at} and (${alias}.removed_at is null or ${alias}.removed_at > ${at})`;
}

/** SQL: does the assignment `alias` stand, also by its own end? */
export function standsSql(alias: string, when: When, at: string): string {
  return `${aliveSql(alias, when, at)} and (${alias}.valid_until is null or ${alias}.valid_until > ${at})`;
}

/**
 * SQL: the common table `held (account, holder, plain)` over a table `accounts (id)`: in whose place each account
 * stands, itself included. `plain`: at once, by inheriting only; else only after becoming somebody else.
 * Goes after `with recursive`.
 */
export function heldSql(when: When, at: string): string {
  if (when === "now") {
    return `held as materialized (
      select account, holder, bool_or(plain) as plain from (
        select id as account, id as holder, true as plain from accounts
        union all
        select a.id, c.ancestor_id, m.inherits and c.inherits
        from accounts a
        join memberships m on m.member_id = a.id and m.removed_at is null
        join group_closure c on c.descendant_id = m.group_id
        where m.switches or (m.inherits and c.inherits)) as ways
      group by account, holder)`;
  }
  return `walk (account, node, phase) as (
      select a.id, a.id, phase from accounts a, (values (0), (1)) as phases (phase)
      union
      select w.account, m.group_id, next.phase
      from walk w
      join memberships m on m.member_id = w.node and ${aliveSql("m", when, at)}
      join (values (0, true, 0), (1, false, 1), (1, true, 2), (2, true, 2)) as next (after, inheriting, phase)
        on next.after = w.phase and case when next.inheriting then m.inherits else m.switches end),
    held as materialized (
      select account, node as holder, bool_or(phase = 0) as plain from walk group by account, node)`;
}
