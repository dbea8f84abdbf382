import { randomUUID } from "node:crypto";
import { db } from "../db/client";
import { now } from "../time";

// For tests of doors: runs as rows in any state, without a system behind them.

/** Somebody who may leave, and reports to `managerId`. */
export async function leaverRow(managerId: string | null = null): Promise<string> {
  const email = `${randomUUID()}@example.com`;
  const facts = { name: email, email, kind: "human", kindReason: "test", firstSeenAt: now(), managerId };
  return (await db().identity.create({ data: facts, select: { id: true } })).id;
}

/** A run of somebody, in a state. */
export async function runRow(state = "waiting_for_people", managerId: string | null = null): Promise<string> {
  const at = now();
  const times = { createdAt: at, startsAt: at, shutAt: at, begunAt: state === "paused_by_brake" ? null : at };
  const words = { kind: "person", cause: "person", reason: "a test", orderedBy: "a test" };
  const run = await db().offboarding.create({
    data: { identityId: await leaverRow(managerId), state, ...times, ...words },
    select: { id: true },
  });
  return run.id;
}

/** A run of somebody whom a source shows as active again. */
export async function rehireRow(managerId: string | null = null): Promise<string> {
  const offboardingId = await runRow("closed", managerId);
  const facts = { name: `people-${offboardingId}`, connector: "csv", environment: "production", settings: {} };
  const { id: connectionId } = await db().connection.create({ data: facts, select: { id: true } });
  const seen = { type: "account", externalId: "ann", name: "ann", contentHash: "", firstSeenAt: now() };
  const { id: accountId } = await db().principal.create({ data: { ...seen, connectionId }, select: { id: true } });
  const shown = { account: "ann", since: now(), proposedAt: now() };
  await db().rehireProposal.create({ data: { offboardingId, connectionId, accountId, ...shown } });
  return offboardingId;
}

/** Something left behind in a run of its own. */
export async function itemRow(managerId: string | null = null): Promise<string> {
  const about = { kind: "request", subjectId: randomUUID(), name: "R-1" };
  const item = await db().offboardingItem.create({
    data: { offboardingId: await runRow(undefined, managerId), ...about, foundAt: now() },
    select: { id: true },
  });
  return item.id;
}

/** A step that waits for a person, in a run of its own. */
export async function stepRow(managerId: string | null = null): Promise<string> {
  const about = { kind: "access", name: "member on x", contains: false, position: 0, state: "needs_person" };
  const step = await db().offboardingStep.create({
    data: { offboardingId: await runRow(undefined, managerId), ...about },
    select: { id: true },
  });
  return step.id;
}
