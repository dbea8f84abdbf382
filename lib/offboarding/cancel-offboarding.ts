import { identityOf } from "../access/own-identities";
import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorizeReach, refuse } from "../auth/authorize";
import { rows, type Tx, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { AppError } from "../errors";
import { dayMs, plus } from "../time";
import { begin } from "./begin-offboarding";
import { authorizeLeaving } from "./find-leaver";
import { tellOfCallingOff } from "./move-on";
import { type LockedRun, leaverOf, lockRun, moveRun } from "./move-run";
import { orderBeginning, orderSteps } from "./order-steps";
import { movedFromSql } from "./own-runs";
import { whyNotToLeave } from "./refuse-leaving";
import type { StepKind } from "./schema";
import { type CancelOffboardingInput, cancelOffboardingInput, offboardingRef, releaseOffboardingInput } from "./schema";
import { isBuried } from "./states";

const falseAlarmWithinMs = 7 * dayMs;

/**
 * Undoes a run: a false alarm, or somebody who is back while their accounts are still there. What it has not done yet it
 * does not do; accounts that it shut are let in again, and after a false alarm what it took is given back. Grants stay
 * over: they are asked for anew. Sessions and tokens here stay ended.
 * @param onlyHeld what goes on already is not undone: this was meant for what waits
 * @throws AppError `forbidden`, `not_found`, `conflict`
 */
export async function cancelOffboarding(
  actor: Actor,
  input: CancelOffboardingInput,
  { onlyHeld = false }: { onlyHeld?: boolean } = {},
): Promise<{ id: string; back: number }> {
  const { id, reason, why } = cancelOffboardingInput.parse(input);
  await assertMayDecide(actor, "offboarding:cancel", id);
  return transaction(async (tx) => {
    const run = await found(tx, id);
    if (onlyHeld && run.state !== "paused_by_brake")
      throw new AppError("conflict", "It is held no longer.", { remedy: "Look at the run itself." });
    const at = await clockOf(tx);
    await refuseBuried(tx, run, why);
    await refuseOlder(tx, run);
    if (why === "false_alarm") refuseLate(run, at);
    await moveRun(tx, run, "cancel", { cancelledAt: at, because: reason });
    await record(tx, actor, {
      action: "offboarding.cancelled",
      target: run.target,
      details: { reason, why, was: run.state, identityId: run.identityId, kind: run.kind },
    });
    const answered = { state: "accepted", decidedAt: at, decidedBy: actor.name, words: reason };
    await tx.rehireProposal.updateMany({ where: { offboardingId: id, state: "open" }, data: answered });
    if (run.begunAt === null) return { id, back: 0 };
    if (run.kind === "mover") await tellOfCallingOff(tx, run, reason);
    else await bringBack(tx, actor, run);
    return { id, back: await turnSteps(tx, run, why) };
  });
}

/**
 * Lets a run go on that the brake holds. Whoever ordered it does not do this alone.
 * @throws AppError `forbidden`, `not_found`, `conflict`
 */
export async function releaseOffboarding(
  actor: Actor,
  input: { id: string; reason?: string },
): Promise<{ id: string }> {
  const { id, reason } = releaseOffboardingInput.parse(input);
  const target = { type: "offboarding", id };
  const reach = await authorizeReach(actor, "offboarding:release", target);
  if (reach !== "all") return refuse(actor, "offboarding:release", target);
  return transaction(
    async (tx) => {
      const run = await found(tx, id);
      if (actor.type === "person" && actor.identityId !== null && run.orderedByIdentityId === actor.identityId) {
        throw new AppError("forbidden", "You ordered this yourself: a second person lets it go on.", {
          remedy: "Ask somebody else of security, or an administrator.",
        });
      }
      const refusal = run.kind === "mover" ? null : await whyNotToLeave(tx, leaverOf(run));
      if (refusal) throw refusal;
      await moveRun(tx, run, "release", { because: null });
      const { identityId, kind, startsAt, shutAt, holdDays } = run;
      const details = { reason, identityId, kind, startsAt, shutAt, holdDays };
      await record(tx, actor, { action: "offboarding.released", target: run.target, details });
      const at = await clockOf(tx);
      if (run.startsAt > at) await orderBeginning(tx, id, run.startsAt);
      else await begin(tx, actor, id);
      return { id };
    },
    { timeoutMs: 60_000 },
  );
}

/** Refuses unless the actor may decide on the leaving that this run is. @throws AppError `forbidden`, `not_found` */
export async function assertMayDecide(
  actor: Actor,
  permission: "offboarding:cancel" | "offboarding:decide" | "offboarding:read",
  id: string,
): Promise<void> {
  const reach = await authorizeReach(actor, permission, { type: "offboarding", id });
  const [leaver] = await rows<{ id: string; name: string; movedFromMe: boolean }>(
    `select i.id, i.name, coalesce(${movedFromSql("$2")}, false) as "movedFromMe" from offboardings o
     join identities i on i.id = o.identity_id where o.id = $1::uuid`,
    [offboardingRef.parse({ id }).id, identityOf(actor)],
  );
  if (!leaver) {
    if (reach === "all") throw new AppError("not_found", "There is no such run.", { field: "id" });
    return refuse(actor, permission, { type: "offboarding", id });
  }
  // Whom somebody moves from is asked as well as whom they move to.
  if (leaver.movedFromMe && leaver.id !== identityOf(actor)) return;
  await authorizeLeaving(actor, permission, leaver);
}

async function found(tx: Tx, id: string): Promise<LockedRun> {
  const run = await lockRun(tx, id);
  if (!run) throw new AppError("not_found", "There is no such run.", { field: "id" });
  return run;
}

async function refuseBuried(tx: Tx, run: LockedRun, why: "false_alarm" | "rehired"): Promise<void> {
  const deleted = await tx.offboardingStep.count({
    where: { offboardingId: run.id, kind: "deletion", state: "verified" },
  });
  const toDelete = await tx.offboardingStep.count({
    where: { offboardingId: run.id, kind: "deletion", state: "planned" },
  });
  if (!isBuried(run, { deleted, toDelete, why })) return;
  const isPerson = run.kind === "person";
  throw new AppError(
    "conflict",
    isPerson ? "Accounts are deleted already." : "The hold is over: it has its tombstone.",
    {
      field: "why",
      remedy: isPerson
        ? "Let them back as hired again: with the accounts that are left, and without the access that they had."
        : "Make a new one, and ask for the access that is needed.",
    },
  );
}

// Whoever left once more since is not brought back by undoing what was before.
async function refuseOlder(tx: Tx, run: LockedRun): Promise<void> {
  if (run.kind === "mover") return;
  const later = await tx.offboarding.count({
    where: { identityId: run.identityId, id: { gt: run.id }, kind: { not: "mover" }, state: { not: "cancelled" } },
  });
  if (later === 0) return;
  throw new AppError("conflict", `${run.identityName} has left once more since.`, {
    remedy: "Undo the later run.",
  });
}

// What somebody held weeks ago is not what they need now.
function refuseLate(run: LockedRun, at: Date): void {
  if (run.begunAt === null || run.kind !== "person" || plus(run.begunAt, falseAlarmWithinMs) > at) return;
  throw new AppError("conflict", "This began too long ago to have been a false alarm.", {
    field: "why",
    remedy: "Let them back as hired again: with their accounts, and without the access that they had.",
  });
}

async function bringBack(tx: Tx, actor: Actor, run: LockedRun): Promise<void> {
  const status = run.statusBefore ?? "active";
  await tx.identity.update({ where: { id: run.identityId }, data: { status, leftAt: null }, select: { id: true } });
  const users = await tx.user.findMany({
    where: { identityId: run.identityId, disabledAt: { gte: run.begunAt ?? run.startsAt } },
  });
  for (const user of users) {
    await tx.user.update({ where: { id: user.id }, data: { disabledAt: null }, select: { id: true } });
    const target = { type: "person", id: user.id, name: user.name };
    await record(tx, actor, { action: "person.enabled", target, details: { roles: user.roles } });
  }
}

async function turnSteps(tx: Tx, run: LockedRun, why: "false_alarm" | "rehired"): Promise<number> {
  await tx.$executeRaw`update offboarding_steps set state = 'dropped', claim = null where offboarding_id = ${run.id}::uuid
    and (kind = 'deletion' or not changed and acknowledged_at is null) and claim is null and state not in ('verified', 'by_hand', 'restored')`;
  const kinds: StepKind[] = why === "rehired" ? ["account"] : ["account", "access"];
  const turned = await tx.$queryRaw<
    { id: string; kind: StepKind; connectionId: string | null; accountId: string | null }[]
  >`
    update offboarding_steps set wanted = 'back', state = 'planned', claim = null, attempts = 0, next_try_at = null, last_error = null, not_before = null
    where offboarding_id = ${run.id}::uuid and kind = any(${kinds}::text[]) and state not in ('dropped', 'by_hand', 'kept', 'with_account', 'restored')
      and (changed or claim is not null or attempts > 0) and (was is null or was = 'active')
      and not exists (select 1 from offboarding_steps d where d.offboarding_id = ${run.id}::uuid and d.kind = 'deletion'
        and d.state = 'verified' and d.account_id = offboarding_steps.account_id)
    returning id, kind, connection_id as "connectionId", account_id as "accountId"`;
  await tx.$executeRaw`update offboarding_steps set state = 'restored', detail = 'let in again; sessions and tokens stay ended'
    where offboarding_id = ${run.id}::uuid and kind = 'sign_in'`;
  await orderSteps(tx, turned);
  return turned.length;
}
