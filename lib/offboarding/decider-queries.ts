import { rows } from "../db/client";
import { isOpenSql } from "./open-items";
import { rehireOpenSql } from "./rehire-queries";

/** Who is waited for: whose own it is, and who may decide on anybody's, of those a few by name. */
export type Deciders = { own: string[]; others: string[]; moreOthers: number };

/** SQL: does something of the run `o` need somebody: left behind without anybody, done by no system, back, or kept until now? */
export const needsSomebodySql = `(exists (select 1 from offboarding_steps s where s.offboarding_id = o.id
    and (s.state in ('needs_person', 'resurrected') or s.state = 'kept' and s.kept_until <= clock_timestamp()))
  or exists (select 1 from offboarding_items i where i.offboarding_id = o.id and ${isOpenSql}))`;

/** SQL: was the run `o` undone, and something could not be given back by any system? */
export const isStuckBackSql = `(o.state = 'cancelled' and exists (select 1 from offboarding_steps s
    where s.offboarding_id = o.id and s.wanted = 'back' and s.state = 'needs_person'))`;

/** SQL: has nobody said yet what becomes of something that who moves in the run `o` had? */
export const isUnsaidSql = `(o.kind = 'mover' and exists (select 1 from offboarding_steps s
    where s.offboarding_id = o.id and s.state = 'planned' and s.words is null))`;

const mostNamed = 5;

/**
 * For whom a run waits; null where it waits for nobody. Of a person the nearest manager who is here, of a machine its owners, of a mover
 * the managers of both sides; and security and administrators, but where a mover's managers are here, and without who ordered
 * what the brake holds.
 */
export async function readDeciders(offboardingId: string): Promise<Deciders | null> {
  const [run] = await rows<Waiting>(waitingSql, [offboardingId]);
  if (!run || !(run.held || run.needs || run.unsaid || run.back)) return null;
  const own = run.held ? [] : await rows<{ name: string }>(ownSql, [offboardingId]);
  const names = own.map(({ name }) => name);
  if (run.unsaid && !run.needs && !run.back && names.length > 0) return { own: names, others: [], moreOthers: 0 };
  const others = await rows<{ name: string }>(othersSql, [offboardingId, run.held]);
  const shown = others.slice(0, mostNamed).map(({ name }) => name);
  return { own: names, others: shown, moreOthers: others.length - shown.length };
}

type Waiting = { held: boolean; needs: boolean; unsaid: boolean; back: boolean };

const isLive = "o.state in ('executing', 'verifying', 'waiting_for_people')";
const waitingSql = `select o.state = 'paused_by_brake' as held, ${isLive} and ${needsSomebodySql} or ${isStuckBackSql} as needs,
    ${isLive} and ${isUnsaidSql} as unsaid, o.state <> 'cancelled' and ${rehireOpenSql} as back
  from offboardings o where o.id = $1::uuid`;

const isHere = "x.kind = 'human' and x.status = 'active' and x.left_at is null and x.removed_at is null";

const ownSql = `with recursive run as (select o.kind, o.moved, l.* from offboardings o
    join (select id as leaver, manager_id, owner_id, backup_owner_id from identities) l on l.leaver = o.identity_id where o.id = $1::uuid),
  up (id, depth) as (select manager_id, 1 from run where kind = 'person'
    union select i.manager_id, up.depth + 1 from up join identities i on i.id = up.id where up.depth < 20)
  select distinct x.name from identities x cross join run where ${isHere} and x.id <> run.leaver and (
    run.kind = 'machine' and x.id in (run.owner_id, run.backup_owner_id)
    or run.kind = 'mover' and x.id::text in (run.manager_id::text, run.moved ->> 'fromManagerId')
    or x.id = (select up.id from up join identities x on x.id = up.id and ${isHere} order by up.depth limit 1)) order by 1`;

const othersSql = `select coalesce(u.name, u.email, 'somebody') as name from users u join offboardings o on o.id = $1::uuid
  where u.roles && array['security', 'administrator'] and u.disabled_at is null and u.identity_id is distinct from o.identity_id
    and not ($2 and u.identity_id is not distinct from o.ordered_by_identity_id and u.identity_id is not null)
  order by not 'security' = any(u.roles), 1 limit 200`;
