import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { type DemoSystem, demoFacts, demoSystems } from "../connectors/demo/facts";
import { domain } from "../connectors/demo/schema";
import { db, rows, transaction } from "../db/client";
import { AppError } from "../errors";
import { refreshInventory } from "../inventory/refresh-inventory";
import { dayMs, hourMs, minuteMs, now, plus, setClock } from "../time";
import { createConnection } from "./create-connection";
import { demoDatabase } from "./make-demo-database";
import { requestSync } from "./request-sync";
import { runSync } from "./run-sync";
import { saveMatchRule } from "./save-match-rule";
import { takeUsage } from "./take-usage";

const seed = "nordwind";
const settingKey = "demo";

export type DemoProgress = { done: number; of: number; what: string };

/**
 * Fills an empty installation with Nordwind, an invented company: makes its connections, and lives through the past
 * twelve weeks with the clock set back, by the same syncs that a real system gets. Twice is no more than once; what was
 * interrupted goes on at the week where it stopped. Moves the clock of this process: run it before anything else runs.
 * @returns false when the company was there already.
 * @throws AppError `conflict` when there are connections of another kind.
 */
export async function fillDemo(
  actor: Actor,
  tell: (progress: DemoProgress) => void = () => undefined,
): Promise<boolean> {
  await authorize(actor, "connection:create");
  await assertNothingReal();
  const today = now();
  const begun = await beginOrTakeUp(today);
  if (begun.doneUntil === "all") return false;
  const moments = momentsUntil(today, begun.anchor).filter(
    ({ at }) => !begun.doneUntil || at.toISOString() > begun.doneUntil,
  );
  try {
    for (const [index, { at, systems }] of moments.entries()) {
      const isLast = index === moments.length - 1;
      setClock(isLast ? null : at);
      tell({ done: index, of: moments.length, what: at.toISOString().slice(0, 10) });
      for (const system of systems) await readSystem(actor, system, begun.anchor);
      await enterFacts(actor, begun.anchor);
      if (isLast) await enterOwners();
      if (isLast) await takeAllUsage(actor, begun.anchor);
      await refreshInventory(actor, { connectionId: null });
      await note(begun.anchor, isLast ? "all" : at.toISOString());
    }
  } finally {
    setClock(null);
  }
  await transaction((tx) => record(tx, actor, { action: "demo.filled", details: { seed, anchor: begun.anchor } }));
  return true;
}

// Its own database is the one real system that an installation for trying out may have.
async function assertNothingReal(): Promise<void> {
  const real = await db().connection.findFirst({
    where: { removedAt: null, connector: { not: "demo" }, name: { notIn: ["rollcall", demoDatabase] } },
    select: { name: true },
  });
  if (!real) return;
  throw new AppError(
    "conflict",
    `This installation has a real connection, ${real.name}: it is not filled with invented people.`,
    {
      remedy: "Start the demonstration with another data folder: ROLLCALL_DATA=.rollcall-demo npm start -- --demo",
    },
  );
}

async function beginOrTakeUp(today: Date): Promise<{ anchor: string; doneUntil: string | null }> {
  const kept = await db().setting.findUnique({ where: { key: settingKey } });
  if (kept) return kept.value as { anchor: string; doneUntil: string | null };
  const begun = { anchor: today.toISOString().slice(0, 10), doneUntil: null };
  await db().setting.create({ data: { key: settingKey, value: begun, updatedAt: today } });
  return begun;
}

async function note(anchor: string, doneUntil: string): Promise<void> {
  await db().setting.update({ where: { key: settingKey }, data: { value: { anchor, doneUntil }, updatedAt: now() } });
}

type Moment = { at: Date; systems: DemoSystem[] };

// The days, counted from the anchor, on which everything is read: every second week, then every week, two days ago.
const fullDays = [-84, -70, -56, -42, -28, -21, -14, -7, -2];

// The server that is down is also tried twice yesterday, so that it has failed often enough to be told of.
function momentsUntil(today: Date, anchor: string): Moment[] {
  const all = demoSystems();
  const at = (day: number, hour: number) => plus(new Date(`${anchor}T00:00:00Z`), day * dayMs + hour * hourMs);
  const down = all.filter(({ name }) => name === "sftp-dmz");
  return [
    ...fullDays.map((day) => ({ at: at(day, 4), systems: all })),
    { at: at(-1, 4), systems: down },
    { at: at(-1, 16), systems: down },
    { at: today, systems: all },
  ];
}

async function readSystem(actor: Actor, system: DemoSystem, anchor: string): Promise<void> {
  const { id, isNew } = await connectionOf(actor, system, anchor);
  try {
    const { runId } = await requestSync(actor, { id });
    await runSync(actor, { runId });
  } catch (error) {
    // What the brake holds is for the reader of the demonstration to decide.
    if (!(error instanceof AppError) || error.code !== "conflict") throw error;
  }
  if (!isNew) return;
  if (system.name === "warehouse") await saveWarehouseRule(actor, id);
  // Tables that were empty a moment ago are planned for as if they still were.
  await rows(
    "analyze principals, identities, memberships, resources, entitlements, assignments, credentials, group_closure",
  );
}

async function connectionOf(actor: Actor, system: DemoSystem, anchor: string): Promise<{ id: string; isNew: boolean }> {
  const existing = await db().connection.findUnique({ where: { name: system.name }, select: { id: true } });
  if (existing) return { id: existing.id, isNew: false };
  const { id } = await createConnection(actor, {
    name: system.name,
    connector: "demo",
    environment: system.environment,
    isIdentitySource: system.isIdentitySource,
    settings: { system: system.name, seed, anchor },
    syncNow: false,
  });
  return { id, isNew: true };
}

// Roles that carry no address are named like log-ins.
async function saveWarehouseRule(actor: Actor, connectionId: string): Promise<void> {
  await saveMatchRule(actor, {
    name: "Warehouse roles are named like log-ins",
    connectionId,
    field: "name",
    pattern: "^([a-z-]+\\.[a-z-]+[0-9]?)$",
    template: `\\1@${domain}`,
    target: "email",
    confidence: 0.8,
  });
}

// Owners, purposes, environments and criticality, where the identity has none yet.
async function enterFacts(actor: Actor, anchor: string): Promise<void> {
  const day = Math.floor((now().getTime() - Date.parse(`${anchor}T00:00:00Z`)) / dayMs);
  const facts = demoFacts(seed, day);
  await transaction(
    async (tx) => {
      const count = await tx.$executeRaw`
        update identities i set owner_id = o.id, backup_owner_id = b.id, purpose = f.purpose, criticality = f.criticality,
          environment = coalesce(f.environment, i.environment), environment_set_by = 'demo', updated_at = ${now()}::timestamptz
        from unnest(${facts.map((fact) => fact.email)}::text[], ${facts.map((fact) => fact.ownerEmail)}::text[],
          ${facts.map((fact) => fact.backupOwnerEmail)}::text[], ${facts.map((fact) => fact.purpose)}::text[],
          ${facts.map((fact) => fact.environment)}::text[], ${facts.map((fact) => fact.criticality)}::text[])
          as f (email, owner, backup, purpose, environment, criticality)
        left join identities o on o.email = f.owner and o.removed_at is null
        left join identities b on b.email = f.backup and b.removed_at is null
        where i.email = f.email and i.removed_at is null and i.environment_set_by is null`;
      if (count > 0)
        await record(tx, actor, {
          action: "identity.edited",
          target: { type: "identity", name: "machine identities of Nordwind" },
          details: { count },
        });
    },
    { timeoutMs: minuteMs },
  );
}

// Who leads a team answers for a system; two have nobody.
async function enterOwners(): Promise<void> {
  await transaction(
    (tx) => tx.$executeRaw`
      update connections c set owner_id = l.id
      from (select id, name, row_number() over (order by name) place from connections where removed_at is null) n,
        (select i.id, row_number() over (order by i.email) place, count(*) over () many from identities i
          where i.kind = 'human' and i.status = 'active' and i.removed_at is null and i.department in ('Engineering', 'Data', 'Security', 'IT')
            and exists (select from identities r where r.manager_id = i.id)) l
      where c.id = n.id and l.place = 1 + (n.place * 3) % l.many and c.owner_id is null and c.name not in ('sftp-dmz', 'zendesk')`,
  );
}

async function takeAllUsage(actor: Actor, anchor: string): Promise<void> {
  for (const system of demoSystems()) {
    const { id } = await connectionOf(actor, system, anchor);
    await takeUsage(actor, { connectionId: id }, new AbortController().signal);
    await refreshInventory(actor, { connectionId: id });
  }
}
