import type { Actor, PersonActor } from "../auth/actor";
import { demoDatabase, demoRoles, makeDemoDatabase } from "../connections/make-demo-database";
import { db, rows } from "../db/client";
import { activateGrant } from "../grants/activate-grant";
import { convergeAccess } from "../grants/converge-access";
import { watchGrants } from "../grants/watch-grants";
import { refreshInventory } from "../inventory/refresh-inventory";
import { wantDemoConflicts } from "../policies/demo-conflicts";
import { loadPolicies } from "../policies/load-policies";
import { dayMs, hourMs, now, plus, runClockFrom } from "../time";
import { decideRequest } from "./decide-request";
import { settleRequest } from "./settle-request";
import { submitRequest } from "./submit-request";

type Person = { id: string; name: string; email: string; userId: string };

/**
 * Fills the demonstration with people who ask, decide and hold: six weeks of requests, lived through with the clock set
 * back, and running, by the commands that everybody uses, on a real database of the demonstration's own. The first administrator
 * becomes one of them, who owns that database, so that something waits for whoever tries the product out. Runs once.
 * Moves the clock of this process: run it before anything else runs.
 * @returns false where it was done, or this database server lets nobody make databases
 */
export async function fillDemoRequests(actor: Actor): Promise<boolean> {
  if ((await db().request.count()) > 0) return false;
  await loadPolicies(actor);
  await makeUsers();
  const people = await staff();
  const connectionId = await makeDemoDatabase(
    actor,
    people.map(({ email }) => ({ email, role: roleOf(email) })),
  );
  if (connectionId === null) return false;
  const host = await makeHost(connectionId);
  const today = now();
  try {
    for (const story of storiesOf(people, today)) await live(actor, story, host);
    await passTime(actor, today);
    // A separation of duties that is younger than a request that would break it: whoever decides that is shown it.
    await wantDemoConflicts();
    await loadPolicies(actor);
  } finally {
    runClockFrom(null);
  }
  await refreshInventory(actor, { connectionId });
  return true;
}

const roleOf = (email: string) => (email.split("@")[0] ?? email).replaceAll(/[^a-z0-9]+/g, "_");

// Everybody can sign in, as they could where single sign-on knows them.
async function makeUsers(): Promise<void> {
  await db().$executeRaw`
    insert into users (name, email, email_verified, roles, role_source, identity_id)
    select i.name, lower(i.email), ${now()}::timestamptz,
      case when i.department = 'Security' or i.title ilike '%security%' then array['security'] else array['member'] end, 'person', i.id
    from identities i where i.kind = 'human' and i.status = 'active' and i.removed_at is null and i.email is not null
      and not exists (select 1 from users u where u.identity_id = i.id or lower(u.email) = lower(i.email))`;
}

/** Twelve people with a manager who can decide. */
async function staff(): Promise<Person[]> {
  return rows<Person>(
    `select i.id, i.name, lower(i.email) as email, u.id as "userId" from identities i join users u on u.identity_id = i.id
     join identities m on m.id = i.manager_id and m.status = 'active' and m.removed_at is null
     where i.department in ('Engineering', 'Finance', 'Data') and not exists (select 1 from identities r where r.manager_id = i.id)
     order by i.email limit 12`,
  );
}

/** The first administrator, as a leading engineer of Nordwind who owns the database. */
async function makeHost(connectionId: string): Promise<string> {
  const [lead] = await rows<{ id: string; userId: string | null }>(
    `select i.id, u.id as "userId" from identities i left join users u on u.identity_id = i.id
     where i.status = 'active' and i.removed_at is null and i.department = 'Engineering'
       and exists (select 1 from identities r where r.manager_id = i.id) order by i.email limit 1`,
  );
  if (!lead) throw new Error("Nordwind has no engineer who leads");
  await db().connection.update({ where: { id: connectionId }, data: { ownerId: lead.id }, select: { id: true } });
  const first = await db().user.findFirst({
    where: { roles: { has: "administrator" } },
    orderBy: { createdAt: "asc" },
  });
  if (lead.userId !== null && lead.userId !== first?.id) await db().user.delete({ where: { id: lead.userId } });
  const data = { identityId: lead.id, roles: ["administrator"], roleSource: "person" };
  if (first) await db().user.update({ where: { id: first.id }, data: { identityId: lead.id }, select: { id: true } });
  else await db().user.create({ data: { ...data, name: "First administrator" }, select: { id: true } });
  return lead.id;
}

type Story = {
  who: Person;
  at: Date;
  role: keyof typeof demoRoles;
  reason: string;
  duration: string;
  answer: "approve" | "deny" | "wait";
};

const reasons = [
  "Customer 31 says that invoice 212 was charged twice",
  "Quarter end: reconcile open invoices with the bank",
  "Backfill of the paid flag after Tuesday's import failed",
  "Audit asks for a sample of 25 credit notes",
  "Reproduce the rounding fault that support reported",
  "Month-end report for the board",
];

function storiesOf(people: readonly Person[], today: Date): Story[] {
  const names = Object.keys(demoRoles) as (keyof typeof demoRoles)[];
  const durations = ["PT2H", "PT8H", "P1D", "P3D"];
  const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;
  const past = Array.from({ length: 30 }, (_, n): Story => {
    const role = n % 7 === 6 ? "nordwind_clerks" : "nordwind_readers";
    const answer = n % 9 === 4 ? "deny" : "approve";
    const at = plus(today, -42 * dayMs + n * 32 * hourMs + ((n * 7) % 5) * hourMs);
    return { who: pick(people, n * 5), at, role, reason: pick(reasons, n), duration: pick(durations, n * 3), answer };
  });
  const now: Story[] = Array.from({ length: 9 }, (_, n) => ({
    who: pick(people, n),
    at: plus(today, -(9 - n) * hourMs),
    role: pick(names, n < 3 ? 0 : 1),
    reason: pick(reasons, n + 2),
    duration: n < 3 ? "P3D" : "P2D",
    answer: n < 3 ? "approve" : "wait",
  }));
  const other = pick(people, 9);
  const enters: Story = {
    ...{ who: other, at: plus(today, -14 * hourMs), role: "nordwind_clerks", duration: "P3D", answer: "approve" },
    reason: "Enter the credit notes that the strike held up",
  };
  // Whoever enters asks for the tables themselves, a moment before that is a conflict.
  const owns: Story = {
    ...{ who: other, at: plus(today, -0.4 * hourMs), role: "nordwind_owners", duration: "PT4H", answer: "wait" },
    reason: "Add a column for the approval number of credit notes",
  };
  return [...past, enters, ...now, owns];
}

async function live(actor: Actor, story: Story, host: string): Promise<void> {
  const { who, at, role, reason, duration, answer } = story;
  await passTime(actor, at);
  const item = { connection: demoDatabase, permission: "member", resource: { type: "role", id: role } };
  const { id } = await submitRequest(actorOf(who), { items: [item], reason, duration });
  if (answer === "wait") return decideAll(id, "approve", host);
  await passTime(actor, plus(at, ((reason.length % 7) + 1) * 0.3 * hourMs));
  await decideAll(id, answer, null);
  await runChanges(actor);
  await settleRequest(actor, { requestId: id });
}

// Up to `at`, stopping where a grant ends, so that each ends in its time.
async function passTime(actor: Actor, at: Date): Promise<void> {
  const ends = await rows<{ at: Date }>(
    "select distinct ends_at as at from grants where state = 'active' and ends_at < $1 order by 1",
    [at],
  );
  for (const moment of [...ends, { at }]) {
    runClockFrom(moment.at);
    await watchGrants(actor);
    await runChanges(actor);
  }
}

// Whoever is asked first decides, step by step; `except` leaves what waits for them.
async function decideAll(id: string, decision: "approve" | "deny", except: string | null): Promise<void> {
  for (let step = 0; step < 5; step++) {
    const [asked] = await rows<Person>(
      `select i.id, i.name, u.email, u.id as "userId" from request_approvers a join identities i on i.id = a.identity_id
       join users u on u.identity_id = i.id where a.request_id = $1 and a.open order by a.step_id, i.id limit 1`,
      [id],
    );
    if (!asked || asked.id === except) return;
    const comment =
      decision === "deny" ? "The report in the warehouse answers this without access to the database." : "";
    await decideRequest(actorOf(asked), { id, decision, comment });
  }
}

// What the worker would do: it is not there yet, and the clock is not its own.
async function runChanges(actor: Actor): Promise<void> {
  for (let round = 0; round < 3; round++) {
    const scheduled = await db().grant.findMany({
      where: { state: "scheduled", startsAt: { lte: now() } },
      select: { id: true },
    });
    for (const { id } of scheduled) await activateGrant(actor, { grantId: id });
    const moving = await rows<{ id: string }>(
      `select distinct m.id from managed_accesses m join grants g on g.account_id = m.account_id
         and (g.group_id = m.group_id or g.entitlement_id = m.entitlement_id)
       where g.state in ('activating', 'activation_failed', 'ending', 'ending_failed')`,
    );
    for (const { id } of moving) await convergeAccess(actor, { accessId: id });
    if (scheduled.length + moving.length === 0) return;
  }
}

function actorOf({ id, userId, name, email }: Person): PersonActor {
  const rest = { sessionId: null, tokenId: null, authenticatedBy: "demo", scopes: null, requestId: null };
  return { type: "person", userId, identityId: id, name, email, roles: ["member"], ...rest };
}
