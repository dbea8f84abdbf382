import type { Tx } from "../db/client";
import { clockTold } from "../db/clock";
import { AppError } from "../errors";
import { targetOf } from "./run-target";
import type { RunKind } from "./schema";
import { nextOffboardingState, type OffboardingMove, type OffboardingState } from "./states";

/** A run with its row locked. */
export type LockedRun = {
  id: string;
  number: bigint;
  identityId: string;
  kind: RunKind;
  cause: string;
  state: OffboardingState;
  reason: string;
  orderedBy: string;
  orderedByIdentityId: string | null;
  startsAt: Date;
  shutAt: Date;
  holdDays: number | null;
  emergency: boolean;
  begunAt: Date | null;
  containBy: Date | null;
  probedAt: Date | null;
  containedAt: Date | null;
  completedAt: Date | null;
  closedAt: Date | null;
  statusBefore: string | null;
  identityName: string;
  identityStatus: string;
  /** The database's time when the row was asked for. */
  at: Date;
  target: { type: string; id: string; name: string };
};

/** The run, locked until the transaction ends, or null. */
export async function lockRun(tx: Tx, id: string): Promise<LockedRun | null> {
  const [run] = await tx.$queryRaw<Omit<LockedRun, "target">[]>`
    select o.id, o.number, o.identity_id as "identityId", o.kind, o.cause, o.state, o.reason, o.ordered_by as "orderedBy",
      o.ordered_by_identity_id as "orderedByIdentityId", o.starts_at as "startsAt", o.shut_at as "shutAt",
      o.hold_days as "holdDays", o.emergency, o.begun_at as "begunAt", o.contain_by as "containBy",
      o.probed_at as "probedAt", o.contained_at as "containedAt", o.completed_at as "completedAt", o.closed_at as "closedAt",
      o.status_before as "statusBefore", i.name as "identityName", i.status as "identityStatus",
      clock_timestamp() as at
    from offboardings o join identities i on i.id = o.identity_id where o.id = ${id}::uuid for update of o`;
  return run ? { ...run, at: clockTold(run.at), target: targetOf({ ...run, name: run.identityName }) } : null;
}

/** Of whom a run tells. */
export function leaverOf({ identityId, identityName }: LockedRun): { id: string; name: string } {
  return { id: identityId, name: identityName };
}

type Data = Parameters<Tx["offboarding"]["update"]>[0]["data"];

/** Moves a locked run. @throws AppError `conflict` */
export async function moveRun(
  tx: Tx,
  run: Pick<LockedRun, "id" | "state">,
  move: OffboardingMove,
  data: Data = {},
): Promise<OffboardingState> {
  const state = nextOffboardingState(run.state, move);
  if (state === null) {
    throw new AppError("conflict", `The run is ${run.state.replaceAll("_", " ")} already.`, {
      remedy: "Reload the page to see what happened.",
    });
  }
  await tx.offboarding.update({ where: { id: run.id }, data: { ...data, state }, select: { id: true } });
  return state;
}
