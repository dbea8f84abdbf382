import { identityOf } from "../access/own-identities";
import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize, authorizeReach } from "../auth/authorize";
import { databaseCode, type Tx, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { AppError } from "../errors";
import { dayMs, plus } from "../time";
import { begin } from "./begin-offboarding";
import { bringForward } from "./bring-forward";
import { authorizeLeaving, findLeaver, type Leaver } from "./find-leaver";
import { type MassLeaving, massLeaving, wordsOf } from "./limits";
import { orderBeginning } from "./order-steps";
import { ownAccountOf, whyNotToLeave } from "./refuse-leaving";
import { targetOf } from "./run-target";
import { type StartOffboardingInput, startOffboardingInput } from "./schema";
import { endMove } from "./start-move";
import type { OffboardingState } from "./states";
import { tellHeld } from "./tell-of-run";

/**
 * Why a run was started, where it was not simply a person who did it. `restored`: it had been before, and this database
 * had forgotten it.
 */
export type Cause =
  | { by: "source"; connectionId: string; brake: MassLeaving | null }
  | { by: "restored"; connectionId: null; brake: null };

type Given = ReturnType<typeof startOffboardingInput.parse>;

/**
 * Starts the leaving of a person or a machine: at once, or at a set time. What is to begin now begins in this transaction:
 * the sign-in here is gone with it, and the systems are told by jobs. One that waits for a later day is brought forward.
 * @throws AppError `forbidden`, `not_found`, `conflict` (oneself, the last administrator, leaving already, an account that
 * Rollcall itself signs in by)
 */
export async function startOffboarding(
  actor: Actor,
  input: StartOffboardingInput,
): Promise<{ id: string; number: number; state: OffboardingState }> {
  const given = startOffboardingInput.parse(input);
  await authorizeReach(actor, "offboarding:start", { type: "identity", name: given.identity });
  const leaver = await findLeaver(given.identity);
  if (leaver.id === identityOf(actor)) {
    throw new AppError("conflict", "Nobody takes away their own access.", {
      remedy: "Ask your manager or security to start it.",
    });
  }
  await authorizeLeaving(actor, "offboarding:start", leaver);
  return order(actor, leaver, given, null);
}

/** The same by a change in an identity source, for commands that saw it. */
export function startBySource(
  actor: Actor,
  leaver: Leaver,
  { reason, cause }: { reason: string; cause: Cause },
): Promise<{ id: string; number: number; state: OffboardingState }> {
  return order(actor, leaver, startOffboardingInput.parse({ identity: leaver.id, reason }), cause);
}

/**
 * The same again, of somebody whose leaving this database has forgotten. The brake does not hold it, and the last
 * administrator is not spared: all of it was decided before, and whoever starts Rollcall lets another one in.
 * @throws AppError `conflict` (leaving already, an account that Rollcall itself signs in by)
 */
export async function startAgain(
  actor: Actor,
  leaver: Leaver,
  { at, reason, ...given }: { at: Date | null; reason: string; announceDays: number; holdDays: number | null },
): Promise<{ id: string; number: number; state: OffboardingState }> {
  await authorize(actor, "offboarding:carry_out");
  const input = { identity: leaver.id, at: at?.toISOString() ?? null, reason, ...given };
  const cause = { by: "restored", connectionId: null, brake: null } as const;
  return order(actor, leaver, startOffboardingInput.parse(input), cause);
}

async function order(actor: Actor, leaver: Leaver, given: Given, cause: Cause | null) {
  try {
    return await transaction((tx) => orderIn(tx, actor, { leaver, given, cause }), { timeoutMs: 60_000 });
  } catch (error) {
    if (databaseCode(error) !== "23505") throw error;
    throw new AppError("conflict", `${leaver.name} is leaving already.`, {
      remedy: "Look at the run that is under way.",
      cause: error,
    });
  }
}

async function orderIn(tx: Tx, actor: Actor, of: { leaver: Leaver; given: Given; cause: Cause | null }) {
  const { leaver, given, cause } = of;
  const at = await clockOf(tx);
  const startsAt = given.at === null ? at : new Date(given.at);
  const isMachine = leaver.kind !== "human";
  const refusal = cause?.by === "restored" ? await ownAccountOf(tx, leaver) : await whyNotToLeave(tx, leaver);
  // A person hears it; what a source showed would be heard by nobody, and be forgotten.
  if (refusal && cause?.by !== "source") throw refusal;
  await endMove(tx, actor, leaver.id);
  const mass = isMachine ? null : cause ? cause.brake : await massLeaving(tx, { more: 1, at });
  const held = refusal?.message ?? (mass ? wordsOf(mass) : null);
  const announceDays = isMachine && !given.emergency ? given.announceDays : 0;
  const shutAt = plus(startsAt, announceDays * dayMs);
  const sooner = await bringForward(tx, actor, {
    ...{ identityId: leaver.id, startsAt, shutAt, emergency: given.emergency, reason: given.reason },
    ...{ holdDays: cause ? undefined : given.holdDays, cause: cause?.by ?? "person" },
    held: held === null ? null : { words: held, at: refusal ? null : at },
  });
  if (sooner) return sooner;
  const run = await tx.offboarding.create({
    data: {
      identityId: leaver.id,
      kind: isMachine ? "machine" : "person",
      state: held ? "paused_by_brake" : "ordered",
      cause: cause?.by ?? (actor.type === "workload" ? "program" : "person"),
      reason: given.reason,
      orderedBy: actor.name,
      orderedByIdentityId: identityOf(actor),
      sourceConnectionId: cause?.connectionId ?? null,
      createdAt: at,
      startsAt,
      shutAt,
      emergency: given.emergency,
      holdDays: given.holdDays,
      because: held,
    },
    select: { id: true, number: true, state: true },
  });
  await record(tx, actor, {
    action: held ? "offboarding.paused" : "offboarding.ordered",
    target: targetOf({ id: run.id, number: run.number, name: leaver.name }),
    outcome: held ? "failed" : "allowed",
    details: {
      ...{ identityId: leaver.id, reason: given.reason, startsAt, shutAt, holdDays: given.holdDays },
      ...{ cause: cause?.by ?? "person", ...(mass ?? {}), ...(refusal ? { because: refusal.message } : {}) },
    },
  });
  if (held) {
    await tellHeld(tx, { id: run.id, identityId: leaver.id }, { words: held, at: refusal ? null : at });
    return { id: run.id, number: Number(run.number), state: "paused_by_brake" as const };
  }
  if (startsAt > at) {
    await orderBeginning(tx, run.id, startsAt);
    return { id: run.id, number: Number(run.number), state: "ordered" as const };
  }
  await begin(tx, actor, run.id);
  return { id: run.id, number: Number(run.number), state: "executing" as const };
}
