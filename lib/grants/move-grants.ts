import { record, recordAll } from "../audit/record";
import type { Actor } from "../auth/actor";
import type { Tx } from "../db/client";
import { Prisma } from "../db/generated/client";
import { enqueue, enqueueMany } from "../jobs/enqueue";
import { plus, secondMs } from "../time";
import type { ProvisionError, Way } from "./schema";
import { type EndReason, type GrantState, nextGrantState } from "./states";
import { type ReceiptLine, writeReceipt, writeReceipts } from "./write-receipt";

/** A grant as far as moving it needs, its row locked. */
export type GrantFacts = {
  id: string;
  state: GrantState;
  subjectId: string;
  requestId: string | null;
  connectionId: string;
  durationSeconds: number;
  permission: string;
  resourceName: string;
  give: Way;
  endsAt: Date | null;
  endedBecause: EndReason | null;
  endedWords: string | null;
};

/** These grants are held now: the clock of the access starts, and its end is ordered. */
export async function beginGrants(tx: Tx, actor: Actor, grants: readonly GrantFacts[], at: Date): Promise<void> {
  for (const grant of grants) {
    const endsAt = grant.endsAt ?? plus(at, grant.durationSeconds * secondMs);
    await move(tx, grant, "succeed", { activatedAt: at, endsAt, ...noTrouble });
    await tx.justification.updateMany({ where: { grantId: grant.id, endedAt: null }, data: { until: endsAt } });
    await record(tx, actor, {
      action: "grant.activated",
      target: targetOf(grant),
      details: { ...factsOf(grant), endsAt },
    });
    await orderEnd(tx, grant.id, endsAt);
    await settleRequest(tx, grant);
  }
}

/** Orders the end of a grant at its time; a time that moved replaces the one before. */
export async function orderEnd(tx: Tx, grantId: string, endsAt: Date): Promise<void> {
  await enqueue(tx, "end-grant", { grantId }, { runAt: endsAt, key: endJobOf(grantId), priority: -20 });
}

/** The key of the job that ends a grant at its time. */
export function endJobOf(grantId: string): string {
  return `end ${grantId}`;
}

/** These grants are gone at the system, proven by what `receiptOf` says of each. */
export async function finishGrants(
  tx: Tx,
  actor: Actor,
  grants: readonly GrantFacts[],
  at: Date,
  receiptOf: (grant: GrantFacts) => readonly ReceiptLine[] = () => [],
): Promise<void> {
  if (grants.length === 0) return;
  const proven: ReceiptLine = { step: "proven", at, detail: "Nothing of this grant is left." };
  await writeReceipts(
    tx,
    grants.map((grant) => ({ grantId: grant.id, lines: [...receiptOf(grant), proven] })),
  );
  const unsaid = grants.filter(({ endedBecause }) => endedBecause === null);
  if (unsaid.length > 0)
    await tx.grant.updateMany({ where: { id: { in: unsaid.map(({ id }) => id) } }, data: { endedBecause: "revoked" } });
  await moveAll(tx, grants, "prove", { endedAt: at, ...noTrouble });
  await recordAll(
    tx,
    actor,
    grants.map((grant) => {
      const details = { ...factsOf(grant), because: grant.endedBecause };
      return { action: "grant.ended", target: targetOf(grant), details };
    }),
  );
  await settleRequests(tx, grants);
}

type Failure = { at: Date; attempts: number; nextTryAt: Date | null; lastError: ProvisionError };

/** These grants could not be changed at the system: they stay in sight, and the first failure is an event. */
export async function failGrants(tx: Tx, actor: Actor, grants: readonly GrantFacts[], failure: Failure): Promise<void> {
  const { at, ...facts } = failure;
  for (const grant of grants) {
    const ending = grant.state.startsWith("ending");
    await move(tx, grant, "fail", facts);
    if (grant.state.endsWith("_failed")) continue;
    await writeReceipt(tx, [grant.id], {
      step: "failed",
      at,
      detail: `${failure.lastError.message}. ${failure.lastError.remedy}`,
    });
    await record(tx, actor, {
      action: ending ? "grant.ending_failed" : "grant.activation_failed",
      target: targetOf(grant),
      outcome: "failed",
      details: { ...factsOf(grant), error: failure.lastError, nextTryAt: failure.nextTryAt },
    });
    await settleRequest(tx, grant);
  }
}

const noTrouble = { attempts: 0, lastError: Prisma.DbNull, nextTryAt: null, claim: null, claimedAt: null };

type Data = Parameters<Tx["grant"]["update"]>[0]["data"];

/** Moves a grant whose row is locked. */
export async function move(
  tx: Tx,
  grant: Pick<GrantFacts, "id" | "state">,
  step: Parameters<typeof nextGrantState>[1],
  data: Data = {},
): Promise<void> {
  const state = nextGrantState(grant.state, step);
  if (state === null) throw new Error(`a grant that is ${grant.state} cannot ${step}`);
  await tx.grant.update({ where: { id: grant.id }, data: { ...data, state }, select: { id: true } });
}

/** Moves grants whose rows are locked, all by the same step. */
export async function moveAll(
  tx: Tx,
  grants: readonly Pick<GrantFacts, "id" | "state">[],
  step: Parameters<typeof nextGrantState>[1],
  data: Parameters<Tx["grant"]["updateMany"]>[0]["data"] = {},
): Promise<void> {
  const ids = new Map<GrantState, string[]>();
  for (const { id, state: before } of grants) {
    const state = nextGrantState(before, step);
    if (state === null) throw new Error(`a grant that is ${before} cannot ${step}`);
    ids.set(state, [...(ids.get(state) ?? []), id]);
  }
  for (const [state, of] of ids) await tx.grant.updateMany({ where: { id: { in: of } }, data: { ...data, state } });
}

/** How the record names a grant. */
export function targetOf(grant: Pick<GrantFacts, "id" | "permission" | "resourceName">) {
  return { type: "grant", id: grant.id, name: `${grant.permission} on ${grant.resourceName}` };
}

function factsOf({ subjectId, connectionId, requestId, give }: GrantFacts) {
  return { subjectId, connectionId, requestId, give };
}

async function settleRequest(tx: Tx, grant: GrantFacts): Promise<void> {
  await settleRequests(tx, [grant]);
}

async function settleRequests(tx: Tx, grants: readonly GrantFacts[]): Promise<void> {
  const ids = new Set(grants.flatMap(({ requestId }) => requestId ?? []));
  const jobs = [...ids].map((requestId) => ({
    payload: { requestId },
    timing: { key: `request ${requestId}`, priority: -5 },
  }));
  if (jobs.length > 0) await enqueueMany(tx, "settle-request", jobs);
}
