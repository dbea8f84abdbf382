import { setTimeout as wait } from "node:timers/promises";
import type pg from "pg";
import { rows } from "@/lib/db/client";
import type { World } from "@/lib/requests/test-world";
import { nowMs } from "@/lib/time";
import { type Figure, timed } from "./measure";
import { until } from "./until";

/** A thousand accounts of a thousand people, each with a grant, all of which end in the same second. */
export async function manyEnds(world: World, target: pg.Client): Promise<Figure> {
  const count = 1_000;
  await target.query(
    `do $$ begin for n in 1..${count} loop execute format('create role many_%s login', n);
       execute format('grant analysts to many_%s granted by rollcall_gives', n); end loop; end $$`,
  );
  const live = await rows<{ id: string }>(
    `with ids as (select n, gen_random_uuid() as person, gen_random_uuid() as account, gen_random_uuid() as "grant" from generate_series(1, ${count}) n),
     people as (insert into identities (id, name, kind, kind_reason, first_seen_at) select person, 'many ' || n, 'human', 'bench', now() from ids returning 1),
     accounts as (insert into principals (id, connection_id, type, external_id, name, identity_id, search, content_hash, attributes, first_seen_at)
       select account, '${world.connectionId}', 'account', 'many_' || n, 'many_' || n, person, 'many_' || n, '', '{}', now() from ids returning 1),
     g as (select id from principals where name = 'analysts' and type = 'group' and removed_at is null),
     grants as (insert into grants (id, subject_id, connection_id, account_id, give, group_id, permission, resource_type, resource_external_id, resource_name,
         privilege, state, duration_seconds, created_at, starts_at, activated_at, ends_at, policy_version)
       select "grant", person, '${world.connectionId}', account, 'assignment', g.id, 'member', 'group', 'analysts', 'analysts', 1, 'active', 60, now(), now(), now(),
         now() + interval '25 seconds', (select max(version) from policy_sets) from ids, g returning 1),
     edges as (insert into memberships (connection_id, member_id, group_id, inherits, switches, administers, first_seen_at)
       select '${world.connectionId}', account, g.id, true, true, false, now() from ids, g returning 1),
     reasons as (insert into justifications (connection_id, account_id, group_id, type, grant_id, since, until)
       select '${world.connectionId}', account, g.id, 'grant', "grant", now(), now() + interval '25 seconds' from ids, g returning 1),
     managed as (insert into managed_accesses (connection_id, account_id, group_id, state, intended_at)
       select '${world.connectionId}', account, g.id, 'held', now() from ids, g returning 1)
     select "grant" as id from ids`,
  );
  const endsAt = nowMs() + 25_000;
  for (const { id } of live)
    await rows("select graphile_worker.add_job('end-grant', $1::json, run_at := $2, job_key := $3, priority := -20)", [
      JSON.stringify({ grantId: id }),
      new Date(endsAt),
      `end ${id}`,
    ]);
  await wait(Math.max(0, endsAt - nowMs()));
  const oursMs = await timed(() =>
    until(
      async () => {
        const left = await target.query(
          "select 1 from pg_auth_members where member::regrole::text like 'many\\_%' limit 1",
        );
        return left.rows.length === 0;
      },
      { limitMs: 180_000, everyMs: 100 },
    ),
  );
  return {
    what: `${count} grants that end in the same second, two workers`,
    bareMs: null,
    oursMs,
    atMost: { ms: 30_000 },
  };
}
