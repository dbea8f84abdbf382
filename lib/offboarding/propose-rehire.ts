import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { rows, type Tx, transaction } from "../db/client";
import { lockRun } from "./move-run";
import { tellOfRun } from "./tell-of-run";

type Again = { offboardingId: string; accountId: string; account: string; since: Date; source: string };

/**
 * After a sync of an identity source: proposes "hired again" for whoever left and is shown there as active again since. A
 * person decides; by itself nobody is let in. What the source does not show any more is withdrawn.
 */
export async function proposeRehires(actor: Actor, connectionId: string): Promise<void> {
  const gone = await rows<{ offboardingId: string }>(goneAgainSql, [connectionId]);
  for (const { offboardingId } of gone) await transaction((tx) => withdraw(tx, actor, offboardingId));
  for (const again of await rows<Again>(againSql, [connectionId]))
    await transaction((tx) => propose(tx, actor, { ...again, connectionId }));
}

// Shown again: active now, and not so at some time after the run began, or not there. That a list goes on naming somebody
// who left for a while says nothing, nor does one that was connected after they had left.
const shownSql = `select p.id, p.name, p.identity_id, greatest(p.first_seen_at, (select max(v.valid_to) from principal_versions v
      where v.principal_id = p.id and (v.status <> 'active' or coalesce(v.attributes ->> 'type', 'account') <> 'account'))) as since
  from principals p where p.connection_id = $1::uuid and p.type = 'account' and p.removed_at is null and p.status = 'active'`;

const againSql = `
  select distinct on (o.id) o.id as "offboardingId", p.id as "accountId", p.name as account, p.since, c.name as source
  from connections c cross join (${shownSql}) p
  join identities i on i.id = p.identity_id and i.kind = 'human' and i.left_at is not null
  join offboardings o on o.identity_id = i.id and o.kind = 'person' and o.begun_at is not null and o.state <> 'cancelled'
  where c.id = $1::uuid and c.is_identity_source and c.removed_at is null and c.created_at < o.begun_at and p.since > o.begun_at
    and not exists (select 1 from offboardings n where n.identity_id = i.id and n.id > o.id and n.kind <> 'mover' and n.state <> 'cancelled')
    and not exists (select 1 from rehire_proposals r where r.offboarding_id = o.id
      and (r.state = 'open' or r.account_id = p.id and r.since = p.since))
  order by o.id, p.since limit 500`;

const goneAgainSql = `select r.offboarding_id as "offboardingId" from rehire_proposals r
  where r.connection_id = $1::uuid and r.state = 'open' and not exists (select 1 from principals p
    where p.id = r.account_id and p.removed_at is null and p.status = 'active') limit 500`;

async function propose(tx: Tx, actor: Actor, again: Again & { connectionId: string }): Promise<void> {
  const run = await lockRun(tx, again.offboardingId);
  if (!run || run.state === "cancelled") return;
  const { accountId, account, connectionId, since, source } = again;
  const made = await tx.rehireProposal.createMany({
    data: { offboardingId: run.id, connectionId, accountId, account, since, proposedAt: run.at },
    skipDuplicates: true,
  });
  if (made.count === 0) return;
  const details = { identityId: run.identityId, connectionId, source, account, since };
  await record(tx, actor, { action: "offboarding.rehire_proposed", target: run.target, details });
  await tellOfRun(tx, run, "hired_again", {
    occasion: `${accountId} ${since.toISOString()}`,
    detail: `${source} shows ${account} as active again.`,
  });
}

async function withdraw(tx: Tx, actor: Actor, offboardingId: string): Promise<void> {
  const run = await lockRun(tx, offboardingId);
  if (!run) return;
  const words = "The source does not show it any more.";
  const data = { state: "withdrawn", decidedAt: run.at, words };
  const { count } = await tx.rehireProposal.updateMany({ where: { offboardingId, state: "open" }, data });
  if (count > 0) await record(tx, actor, { action: "offboarding.rehire_withdrawn", target: run.target });
}
