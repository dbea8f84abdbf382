import { identityOf } from "../access/own-identities";
import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize, authorizeReach } from "../auth/authorize";
import { assertAdministratorStays } from "../auth/lock-person";
import { connectorNamed } from "../connectors/registry";
import { databaseCode, rows, type Tx, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { AppError } from "../errors";
import { dayMs, plus } from "../time";
import { begin } from "./begin-offboarding";
import { findAccounts } from "./find-holdings";
import { authorizeLeaving, findLeaver, type Leaver } from "./find-leaver";
import { type MassLeaving, massLeaving } from "./limits";
import { orderBeginning } from "./order-steps";
import { targetOf } from "./run-target";
import { type StartOffboardingInput, startOffboardingInput } from "./schema";
import { endMove } from "./start-move";
import type { OffboardingState } from "./states";

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
 * the sign-in here is gone with it, and the systems are told by jobs.
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
  await refuseOwnAccounts(leaver);
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
  if (cause?.by !== "restored") await refuseLastAdministrator(tx, leaver);
  await endMove(tx, actor, leaver.id);
  const mass = isMachine ? null : cause ? cause.brake : await massLeaving(tx, { more: 1, at });
  const announceDays = isMachine && !given.emergency ? given.announceDays : 0;
  const shutAt = plus(startsAt, announceDays * dayMs);
  const run = await tx.offboarding.create({
    data: {
      identityId: leaver.id,
      kind: isMachine ? "machine" : "person",
      state: mass ? "paused_by_brake" : "ordered",
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
      because: mass ? `${mass.leaving} would leave within an hour; ${mass.limit} do without being asked.` : null,
    },
    select: { id: true, number: true, state: true },
  });
  await record(tx, actor, {
    action: mass ? "offboarding.paused" : "offboarding.ordered",
    target: targetOf({ id: run.id, number: run.number, name: leaver.name }),
    outcome: mass ? "failed" : "allowed",
    details: {
      ...{ identityId: leaver.id, reason: given.reason, startsAt, shutAt, holdDays: given.holdDays },
      ...{ cause: cause?.by ?? "person", ...(mass ?? {}) },
    },
  });
  if (mass) return { id: run.id, number: Number(run.number), state: "paused_by_brake" as const };
  if (startsAt > at) {
    await orderBeginning(tx, run.id, startsAt);
    return { id: run.id, number: Number(run.number), state: "ordered" as const };
  }
  await begin(tx, actor, run.id);
  return { id: run.id, number: Number(run.number), state: "executing" as const };
}

async function refuseLastAdministrator(tx: Tx, { id, name }: Leaver): Promise<void> {
  const users = await tx.user.findMany({ where: { identityId: id, disabledAt: null }, select: { id: true } });
  for (const user of users) {
    await assertAdministratorStays(tx, user.id).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
      throw new AppError("conflict", `${name} is the last administrator: nobody could set up Rollcall afterwards.`, {
        remedy: error.remedy,
        cause: error,
      });
    });
  }
}

// What Rollcall signs in by itself would lock it out of the system that it is to take from.
async function refuseOwnAccounts(leaver: Leaver): Promise<void> {
  for (const account of await findAccounts(rows, leaver.id)) {
    const connector = connectorNamed(account.connector);
    const settings = connector?.settings.safeParse(account.settings);
    if (!connector?.isOwn || !settings?.success || !connector.isOwn(settings.data, account)) continue;
    throw new AppError(
      "conflict",
      `Rollcall itself signs in to ${account.connection} as ${account.name}, so it cannot be taken.`,
      {
        remedy: `Give the connection ${account.connection} an account of its own, or remove the connection, and start again.`,
      },
    );
  }
}
