import type { Tx } from "../db/client";
import { AppError } from "../errors";
import { nextRequestState, type RequestState, type RequestStep } from "./states";

/** A request with its row locked. */
export type LockedRequest = {
  id: string;
  number: bigint;
  state: RequestState;
  requesterId: string;
  subjectId: string;
  give: string;
  durationSeconds: number;
  startsAt: Date | null;
  expiresAt: Date;
  policyVersion: number;
  policies: string[];
  breakGlass: boolean;
  extendsGrantId: string | null;
  facts: unknown;
};

/** The request, locked until the transaction ends, or null. */
export async function lockRequest(tx: Tx, id: string): Promise<LockedRequest | null> {
  const [request] = await tx.$queryRaw<LockedRequest[]>`
    select id, number, state, requester_id as "requesterId", subject_id as "subjectId", give,
      duration_seconds as "durationSeconds", starts_at as "startsAt", expires_at as "expiresAt",
      policy_version as "policyVersion", policies, break_glass as "breakGlass", extends_grant_id as "extendsGrantId", facts
    from requests where id = ${id}::uuid for update`;
  return request ?? null;
}

type Data = Parameters<Tx["request"]["update"]>[0]["data"];

/** Moves a locked request. What is closed asks nobody any more. @throws AppError `conflict` */
export async function moveRequest(
  tx: Tx,
  request: Pick<LockedRequest, "id" | "state">,
  step: RequestStep,
  data: Data = {},
): Promise<void> {
  const state = nextRequestState(request.state, step);
  if (state === null)
    throw new AppError("conflict", `The request is ${request.state} already.`, {
      remedy: "Reload the page to see what happened.",
    });
  await tx.request.update({
    where: { id: request.id },
    data: { ...data, state, awaitsAnswer: false },
    select: { id: true },
  });
  await tx.requestApprover.updateMany({ where: { requestId: request.id, open: true }, data: { open: false } });
  await tx.requestStep.updateMany({
    where: { requestId: request.id, state: { in: ["waiting", "open"] } },
    data: { state: "closed" },
  });
}

/** How the record names a request. */
export function targetOf({ id, number }: Pick<LockedRequest, "id" | "number">) {
  return { type: "request", id, name: `R-${number}` };
}
