import type { Actor } from "../auth/actor";
import { rows, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { heldAccessOf } from "../grants/held-access";
import { noteEdge } from "../grants/note-edge";
import { type Target, targetOf, whyNotGiving } from "../grants/target";
import { findSystems } from "./leaving-systems";
import { type Returned, tellReturned } from "./tell-returned";

type Account = Omit<Returned, "detail"> & { accountId: string; externalId: string; name: string };

/**
 * Finds in a system that was just read what a run proved gone and is there again: an account that is open, an access that
 * is held; and an account of somebody who left that no run ever shut, made again or matched since. The system itself is asked before anything is said, because what was read may be older than what was done.
 */
export async function findReturned(actor: Actor, connectionId: string, signal: AbortSignal): Promise<void> {
  const accounts = [...(await rows<Account>(openAgainSql, [connectionId])), ...(await findNew(connectionId))];
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

// Whatever a run decided about an account, to keep it too, is a step of it.
const newSql = `select o.id as "offboardingId", null as "stepId", p.id as "accountId", p.external_id as "externalId", p.name, c.name as connection
  from principals p join connections c on c.id = p.connection_id join identities i on i.id = p.identity_id
  join offboardings o on o.identity_id = i.id
  where p.connection_id = $1::uuid and p.removed_at is null and p.type = 'account' and p.status = 'active' and i.left_at is not null
    and o.state in ('closed', 'waiting_for_people', 'verifying') and ${isLast}
    and not exists (select 1 from offboarding_steps s where s.offboarding_id = o.id and s.account_id = p.id)
  limit 500`;

async function findNew(connectionId: string): Promise<Account[]> {
  const found = await rows<Account & { connection: string }>(newSql, [connectionId]);
  if (found.length === 0) return [];
  // In a list of who works here there is nothing to shut.
  const system = (await findSystems(rows, [connectionId])).get(connectionId);
  if (system?.onlyLists) return [];
  return found.map(({ connection, ...account }) => {
    const made = { connectionId, accountId: account.accountId, name: `${account.name} in ${connection}` };
    return { ...account, made };
  });
}

async function askAccount(target: Target, { offboardingId, stepId, made, ...account }: Account): Promise<Returned[]> {
  const standing = await target.connector.probe?.(target.context(), account);
  if (standing && standing.open === false) {
    const data = { status: "disabled", contentHash: "" };
    await transaction((tx) => tx.principal.updateMany({ where: { id: account.accountId }, data }));
    return [];
  }
  const detail = standing?.detail ?? "a sync shows it as active";
  return [{ offboardingId, stepId, made, name: account.name, detail }];
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
