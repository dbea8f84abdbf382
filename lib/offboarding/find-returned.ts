import type { Actor } from "../auth/actor";
import { rows, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { heldAccessOf } from "../grants/held-access";
import { noteEdge } from "../grants/note-edge";
import { type Target, targetOf, whyNotGiving } from "../grants/target";
import { type Returned, tellReturned } from "./tell-returned";

type Account = { offboardingId: string; stepId: string; accountId: string; externalId: string; name: string };

/**
 * Finds in a system that was just read what a run proved gone and is there again: an account that is open, an access that
 * is held. The system itself is asked before anything is said, because what was read may be older than what was done.
 */
export async function findReturned(actor: Actor, connectionId: string, signal: AbortSignal): Promise<void> {
  const accounts = await rows<Account>(openAgainSql, [connectionId]);
  const accesses = await rows<Access>(heldAgainSql, [connectionId]);
  if (accounts.length + accesses.length === 0) return;
  const target = await targetOf(connectionId, signal);
  const returned: Returned[] = [];
  for (const account of accounts) returned.push(...(await askAccount(target, account)));
  for (const access of accesses) returned.push(...(await askAccess(target, access)));
  for (const offboardingId of new Set(returned.map((it) => it.offboardingId))) {
    const ofRun = returned.filter((it) => it.offboardingId === offboardingId);
    await transaction((tx) => tellReturned(tx, actor, { offboardingId, returned: ofRun }));
  }
}

const isLast = `o.kind <> 'mover' and not exists (select 1 from offboardings n
  where n.identity_id = o.identity_id and n.id > o.id and n.kind <> 'mover')`;

const openAgainSql = `select s.id as "stepId", s.offboarding_id as "offboardingId", p.id as "accountId", p.external_id as "externalId", p.name
  from offboarding_steps s join principals p on p.id = s.account_id join offboardings o on o.id = s.offboarding_id
  where s.connection_id = $1::uuid and s.kind = 'account' and s.wanted = 'gone' and s.state in ('verified', 'by_hand')
    and o.state <> 'cancelled' and p.removed_at is null and p.type = 'account' and p.status = 'active' and ${isLast}
  limit 500`;

async function askAccount(target: Target, { offboardingId, stepId, ...account }: Account): Promise<Returned[]> {
  const standing = await target.connector.probe?.(target.context(), account);
  if (standing && standing.open === false) {
    const data = { status: "disabled", contentHash: "" };
    await transaction((tx) => tx.principal.updateMany({ where: { id: account.accountId }, data }));
    return [];
  }
  return [{ offboardingId, stepId, name: account.name, detail: standing?.detail ?? "a sync shows it as active" }];
}

type Access = {
  offboardingId: string;
  stepId: string;
  name: string;
  connectionId: string;
  accountId: string;
  groupId: string | null;
  entitlementId: string | null;
  isNews: boolean;
};

// An entitlement that nobody held any more has ended: given again, it is another of the same permission on the same thing.
const heldAgainSql = `select s.id as "stepId", s.offboarding_id as "offboardingId", s.name, s.connection_id as "connectionId",
    s.account_id as "accountId", s.group_id as "groupId", held.entitlement_id as "entitlementId",
    coalesce((select max(r.started_at) from sync_runs r where r.connection_id = $1::uuid and r.state = 'done') > s.verified_at, false) as "isNews"
  from offboarding_steps s join offboardings o on o.id = s.offboarding_id
  join principals p on p.id = s.account_id and p.removed_at is null
  cross join lateral (
    select null::uuid as entitlement_id from memberships m
      where m.member_id = s.account_id and m.group_id = s.group_id and m.removed_at is null and not m.implicit
    union all
    (select e.id from entitlements was join resources w on w.id = was.resource_id
      join resources r on r.connection_id = w.connection_id and r.type = w.type and r.external_id = w.external_id and r.removed_at is null
      join entitlements e on e.resource_id = r.id and e.permission = was.permission
        and e.condition is not distinct from was.condition and e.pattern is not distinct from was.pattern
      join assignments a on a.entitlement_id = e.id and a.principal_id = s.account_id and a.removed_at is null
      where was.id = s.entitlement_id limit 1)) held
  where s.connection_id = $1::uuid and s.kind = 'access' and s.wanted = 'gone' and s.state in ('verified', 'by_hand')
    and o.state <> 'cancelled' and ${isLast}
  limit 500`;

async function askAccess(target: Target, access: Access): Promise<Returned[]> {
  const { offboardingId, stepId, name, isNews, ...edge } = access;
  const { connector, context } = target;
  if (!connector.readBack || whyNotGiving(connector, context().settings) !== null)
    return isNews ? [{ offboardingId, stepId, name, detail: "a sync shows it as held" }] : [];
  const { held, detail } = await connector.readBack(context(), await heldAccessOf(edge));
  if (held) return [{ offboardingId, stepId, name, detail }];
  await transaction(async (tx) => noteEdge(tx, edge, false, await clockOf(tx)));
  return [];
}
