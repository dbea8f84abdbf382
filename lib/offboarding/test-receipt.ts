import { rows } from "../db/client";

/** For tests. What a run came to: its steps, what it told, and what the systems said last. */
export async function receiptOf(id: string, name: string) {
  const plain = (text: string) => text.replaceAll(name, "NAME");
  const steps = await rows<{
    kind: string;
    name: string;
    state: string;
    changed: boolean;
    outlives: unknown;
    last: string;
  }>(
    `select kind, name, state, changed, outlives, case when kind = 'account' then split_part(detail, E'\\nAsked once more: ', 2) else '' end as last
     from offboarding_steps where offboarding_id = $1::uuid and verified_at is not null and acknowledged_at is not null
     order by position`,
    [id],
  );
  const told = await rows<{ action: string; count: number }>(
    `select action, count(*)::int from audit_events where action not in ('offboarding.step_failed', 'grant.ending_failed') and (target_id = $1
       or target_id in (select grant_id::text from offboarding_steps where offboarding_id = $1::uuid)) group by 1 order by 1`,
    [id],
  );
  const [run] = await rows<object>(
    `select state, contained_at is not null as contained, completed_at is not null as completed, closed_at is not null as closed
     from offboardings where id = $1::uuid`,
    [id],
  );
  const grants = await rows<{ step: string }>(
    `select step from grant_steps where grant_id in (select grant_id from offboarding_steps where offboarding_id = $1::uuid)
       and step <> 'failed' order by id`,
    [id],
  );
  return {
    run,
    told,
    grants,
    steps: steps.map((step) => ({ ...step, name: plain(step.name), last: plain(step.last) })),
  };
}
