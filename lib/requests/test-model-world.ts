import type pg from "pg";
import { db, rows } from "../db/client";
import { startServer18 } from "../db/test-clusters";
import { watchGrants } from "../grants/watch-grants";
import { minuteMs, now, plus, setClock } from "../time";
import { dueJobs, type Fate, runDue, runJob, type Sleeper, type Went } from "./test-hands";
import { behindOutage } from "./test-outage";
import { startWorld, type World, worker } from "./test-world";
import { watchRequests } from "./watch-requests";

// For tests: the world in which the model's commands happen, brought back to its beginning in two statements.

export const roles = ["analysts", "auditors"] as const;
export type Role = (typeof roles)[number];
export const subjects = ["ann", "eve"] as const;
export type Subject = (typeof subjects)[number];
/** An account in a role, as `ann analysts`. */
export type EdgeName = `${Subject} ${Role}`;

export type ModelWorld = World & {
  /** A session of the target's administrator. */
  target: pg.Client;
  setAway(away: boolean): void;
  sleepers: Sleeper[];
};

/** What the target says: edges by who gave them, and the short-lived accounts with what they hold. */
export type AtTarget = { ours: Set<string>; others: Set<string>; issued: Map<string, string[]> };

export async function startModelWorld(): Promise<ModelWorld> {
  let setAway: ModelWorld["setAway"] = () => undefined;
  const world = await startWorld(async () => {
    const outage = await behindOutage(await startServer18());
    setAway = outage.setAway;
    return outage.server;
  });
  const target = await world.server.connect();
  await rows(`create table state_log (n bigserial, id uuid, state text);
    create function log_state() returns trigger language plpgsql as $$ begin
      insert into state_log (id, state) values (new.id, new.state); return new; end $$;
    create trigger log_grant after insert or update of state on grants for each row execute function log_state()`);
  const drop = async () => {
    await target.end();
    await world.drop();
  };
  return { ...world, target, setAway: (away) => setAway(away), sleepers: [], drop };
}

/** Forgets every request and grant, here and at the target. */
export async function resetWorld(world: ModelWorld): Promise<void> {
  world.setAway(false);
  for (const sleeper of world.sleepers.splice(0)) await sleeper.wake();
  await rows(`update identities set status = 'active' where status <> 'active';
    delete from hand_tasks; delete from justifications; delete from managed_accesses; delete from grants; delete from decisions;
    delete from request_items; delete from requests; delete from state_log; delete from graphile_worker._private_jobs;
    delete from memberships m using principals p where p.id = m.member_id and (p.name in ('ann', 'eve') or p.name like 'rc\\_%')
      and m.group_id in (select id from principals where name in ('analysts', 'auditors'));
    delete from principals where name like 'rc\\_%' and type = 'account'`);
  await world.target.query(`do $$ declare one record; begin
    for one in select rolname from pg_roles where rolname like 'rc\\_%' loop execute format('drop owned by %I; drop role %I', one.rolname, one.rolname); end loop;
    for one in select m.member::regrole::text as member, m.roleid::regrole::text as role, m.grantor::regrole::text as giver from pg_auth_members m
      where m.roleid in ('analysts'::regrole, 'auditors'::regrole) and m.member in ('ann'::regrole, 'eve'::regrole) loop
      execute format('revoke %I from %I granted by %I', one.role, one.member, one.giver); end loop; end $$`);
  setClock(now());
}

/** Asks the target itself. */
export async function askTarget({ target }: ModelWorld): Promise<AtTarget> {
  const found = await target.query<{ member: string; role: string | null; ours: boolean }>(
    `select p.rolname as member, g.rolname as role, m.grantor = 'rollcall_gives'::regrole as ours
     from pg_roles p left join pg_auth_members m on m.member = p.oid left join pg_roles g on g.oid = m.roleid
     where p.rolname in ('ann', 'eve') or p.rolname like 'rc\\_%'`,
  );
  const at: AtTarget = { ours: new Set(), others: new Set(), issued: new Map() };
  for (const { member, role, ours } of found.rows) {
    const isIssued = member.startsWith("rc_");
    if (isIssued) at.issued.set(member, [...(at.issued.get(member) ?? []), ...(role ? [role] : [])].sort());
    else if (role) (ours ? at.ours : at.others).add(`${member} ${role}`);
  }
  return at;
}

/**
 * Lets everything come to rest: the target is there, who sleeps wakes, and the minute's watches and all jobs run until
 * none is to come within the next minutes. The clock moves with them.
 */
export async function comeToRest(world: ModelWorld): Promise<void> {
  world.setAway(false);
  for (const sleeper of world.sleepers.splice(0)) await sleeper.wake();
  for (let round = 0; round < 12; round++) {
    await watchRequests(worker);
    await watchGrants(worker);
    await runDue();
    const next = await nextJob();
    if (next === null) return;
    setClock(new Date(Math.max(next.getTime(), now().getTime() + 1)));
  }
  throw new Error("it does not come to rest");
}

// Ends come with the clock; what else is to come within ten minutes belongs to what was done.
async function nextJob(): Promise<Date | null> {
  const [row] = await rows<{ at: Date | null }>(
    `select min(j.run_at) as at from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
     where t.identifier in ('converge-access', 'converge-credential', 'compare-grants', 'settle-request') and j.run_at < $1`,
    [plus(now(), 10 * minuteMs)],
  );
  return row?.at ?? null;
}

/** Takes the nth due job with that fate; a worker that falls asleep is kept for waking. */
export async function takeJob(world: ModelWorld, nth: number, fate: Fate | null): Promise<Went | null> {
  const due = await dueJobs();
  const job = due[nth % Math.max(due.length, 1)];
  if (!job) return null;
  const went = await runJob(job, fate);
  if (went.asleep) world.sleepers.push(went.asleep);
  return went;
}

/** The grants of a request by the role that they give. */
export async function grantsByRole(requestId: string) {
  const grants = await db().grant.findMany({ where: { requestId } });
  return new Map(grants.map((grant) => [grant.resourceName as Role, grant]));
}
