import { type Read, rows } from "../db/client";
import { env } from "../env";
import type { Approver, StepPlan } from "./schema";

/** Whom a step is about: they decide nothing of it themselves. */
export type Concerned = { requesterId: string; subjectId: string };

type Found = { identityId: string; name: string; because: string };

/**
 * Who may decide a step now, and why. Only people who are active and can sign in, never whoever asks or would hold it.
 * Whoever is away has their delegates beside them. Asked anew at every turn, so that whoever left is out at once.
 */
export async function resolveApprovers(
  step: Pick<StepPlan, "who" | "prefer" | "ownerId">,
  concerned: Concerned,
  at: Date,
  read: Read = rows,
): Promise<Approver[]> {
  const preferred = step.prefer === null ? [] : await peopleOf(read, step.prefer, step, concerned);
  const found = preferred.length > 0 ? preferred : await peopleOfAll(read, step, concerned);
  const own = found.map((it): Approver => ({ ...it, onBehalfOf: null }));
  return withDelegates(read, own, concerned, at);
}

async function peopleOfAll(
  read: Read,
  step: { who: readonly string[]; ownerId: string | null },
  concerned: Concerned,
): Promise<Found[]> {
  const found = new Map<string, Found>();
  for (const word of step.who)
    for (const it of await peopleOf(read, word, step, concerned))
      if (!found.has(it.identityId)) found.set(it.identityId, it);
  return [...found.values()];
}

// Who can sign in: a person with a user that is not disabled, or, where single sign-on makes users, an e-mail address.
const ableSql = `i.kind = 'human' and i.status = 'active' and i.removed_at is null and i.id not in ($1, $2)
  and not exists (select 1 from users u where u.identity_id = i.id and u.disabled_at is not null)
  and (exists (select 1 from users u where u.identity_id = i.id) or ($3 and i.email is not null))`;

async function peopleOf(
  read: Read,
  word: string,
  { ownerId }: { ownerId: string | null },
  concerned: Concerned,
): Promise<Found[]> {
  const base = [concerned.requesterId, concerned.subjectId, env().OIDC_ISSUER !== undefined];
  const [kind = "", value = ""] = split(word);
  const query = queries[kind];
  if (!query) return [];
  return read<Found>(query, [...base, kind === "owner" ? ownerId : value]);
}

function split(word: string): [string, string] {
  const at = word.indexOf(":");
  return at < 0 ? [word, ""] : [word.slice(0, at), word.slice(at + 1)];
}

// The nearest manager above the subject who may decide; of a machine identity, its owner's. Whoever left is passed over.
const managerSql = `with recursive up (id, depth) as (
    select case when s.kind = 'human' then s.manager_id else coalesce(o.manager_id, o.id) end, 1
    from identities s left join identities o on o.id = s.owner_id where s.id = $2
    union select i.manager_id, up.depth + 1 from up join identities i on i.id = up.id where up.depth < 20)
  select i.id as "identityId", i.name, 'manager' as because from up join identities i on i.id = up.id
  where ${ableSql} and ($4::text is not null) order by up.depth limit 1`;

const queries: Record<string, string> = {
  manager: managerSql,
  owner: `select i.id as "identityId", i.name, 'owner of what is asked for' as because from identities i
    where ${ableSql} and i.id = $4::uuid`,
  "identity-owner": `select i.id as "identityId", i.name, 'owner of ' || s.name as because from identities s
    join identities i on i.id in (s.owner_id, s.backup_owner_id) where s.id = $2 and ${ableSql} and ($4::text is not null)`,
  role: `select i.id as "identityId", i.name, 'role ' || $4::text as because from users u join identities i on i.id = u.identity_id
    where $4::text = any(u.roles) and ${ableSql} order by i.name, i.id limit 500`,
  person: `select i.id as "identityId", i.name, 'named by the policies' as because from identities i
    where lower(i.email) = lower($4::text) and ${ableSql}`,
  group: `select distinct i.id as "identityId", i.name, 'in the group ' || $4::text as because
    from principals g join connections c on c.id = g.connection_id and c.removed_at is null
    join memberships m on m.removed_at is null and m.inherits and (m.group_id = g.id or m.group_id in (
      select k.descendant_id from group_closure k where k.ancestor_id = g.id and k.inherits))
    join principals p on p.id = m.member_id and p.type = 'account' and p.removed_at is null and p.status = 'active'
    join identities i on i.id = p.identity_id
    where g.type = 'group' and g.removed_at is null and c.name || '/' || g.name = $4::text and ${ableSql} limit 500`,
};

const mostHops = 5;

async function withDelegates(read: Read, own: Approver[], concerned: Concerned, at: Date): Promise<Approver[]> {
  const all = new Map(own.map((it) => [it.identityId, it]));
  let from = own;
  for (let hop = 0; hop < mostHops && from.length > 0; hop++) {
    const found = await read<{ fromId: string; toId: string; name: string }>(
      `select d.from_id as "fromId", i.id as "toId", i.name from delegations d join identities i on i.id = d.to_id
       where d.from_id = any($4::uuid[]) and d.ended_at is null and d.starts_at <= $5 and d.ends_at > $5 and ${ableSql}`,
      [
        concerned.requesterId,
        concerned.subjectId,
        env().OIDC_ISSUER !== undefined,
        from.map((it) => it.identityId),
        at,
      ],
    );
    from = [];
    for (const { fromId, toId, name } of found) {
      const giver = all.get(fromId);
      if (!giver || all.has(toId)) continue;
      const seat = giver.onBehalfOf ?? giver.identityId;
      const delegate = { identityId: toId, name, because: `stands in for ${giver.name}`, onBehalfOf: seat };
      all.set(toId, delegate);
      from.push(delegate);
    }
  }
  return [...all.values()];
}
