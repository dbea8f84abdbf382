import type pg from "pg";
import { rows } from "../db/client";
import type { World } from "./test-world";

// For tests: so many people, each with an account of their own that holds `analysts` by a grant.

/** Makes accounts `many_1` to `many_N` on this server and in the inventory, and a live grant of each. @returns the grants in their order */
export async function giveMany(world: World, target: pg.Client, count: number, endsAt: Date): Promise<string[]> {
  await target.query(
    `do $$ begin for n in 1..${count} loop execute format('create role many_%s login', n);
       execute format('grant analysts to many_%s granted by rollcall_gives', n); end loop; end $$`,
  );
  const made = await rows<{ id: string }>(
    `with ids as (select n, gen_random_uuid() as person, gen_random_uuid() as account, gen_random_uuid() as "grant" from generate_series(1, $1) n),
     people as (insert into identities (id, name, kind, kind_reason, first_seen_at) select person, 'many ' || n, 'human', 'made', now() from ids returning 1),
     accounts as (insert into principals (id, connection_id, type, external_id, name, identity_id, search, content_hash, attributes, first_seen_at)
       select account, $2::uuid, 'account', 'many_' || n, 'many_' || n, person, 'many_' || n, '', '{}', now() from ids returning 1),
     g as (select id from principals where name = 'analysts' and type = 'group' and removed_at is null),
     grants as (insert into grants (id, subject_id, connection_id, account_id, give, group_id, permission, resource_type, resource_external_id, resource_name,
         privilege, state, duration_seconds, created_at, starts_at, activated_at, ends_at, policy_version)
       select "grant", person, $2::uuid, account, 'assignment', g.id, 'member', 'group', 'analysts', 'analysts', 1, 'active', 60, now(), now(), now(),
         $3::timestamptz, (select max(version) from policy_sets) from ids, g returning 1),
     edges as (insert into memberships (connection_id, member_id, group_id, inherits, switches, administers, first_seen_at)
       select $2::uuid, account, g.id, true, true, false, now() from ids, g returning 1),
     reasons as (insert into justifications (connection_id, account_id, group_id, type, grant_id, since, until)
       select $2::uuid, account, g.id, 'grant', "grant", now(), $3::timestamptz from ids, g returning 1),
     managed as (insert into managed_accesses (connection_id, account_id, group_id, state, intended_at)
       select $2::uuid, account, g.id, 'held', now() from ids, g returning 1)
     select "grant" as id from ids order by n`,
    [count, world.connectionId, endsAt],
  );
  for (const { id } of made)
    await rows("select graphile_worker.add_job('end-grant', $1::json, run_at := $2, job_key := $3, priority := -20)", [
      JSON.stringify({ grantId: id }),
      endsAt,
      `end ${id}`,
    ]);
  return made.map(({ id }) => id);
}
