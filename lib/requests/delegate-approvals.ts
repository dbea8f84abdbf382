import { z } from "zod";
import { identityOf } from "../access/own-identities";
import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorizeReach, refuse } from "../auth/authorize";
import { db, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { AppError } from "../errors";
import { dayMs, plus } from "../time";
import { askApprovers } from "./open-stage";
import { type DelegateInput, delegateInput } from "./schema";

/**
 * Has somebody stand in for one's decisions between two dates, also on what waits already. Whoever stands in decides in
 * that one's name, is said to, and never on a request of their own.
 * @throws AppError `invalid`, `forbidden`, `not_found`
 */
export async function delegateApprovals(actor: Actor, input: DelegateInput): Promise<{ id: string }> {
  const given = delegateInput.parse(input);
  const mine = identityOf(actor);
  const from = given.from ?? mine;
  const reach = await authorizeReach(actor, "delegation:create", { type: "identity", id: from });
  if (from === null || (from !== mine && reach !== "all"))
    return refuse(
      actor,
      "delegation:create",
      { type: "identity", id: from },
      {
        message: "You may only have somebody stand in for yourself.",
        remedy: "An administrator may set it for others.",
      },
    );
  const to = await db().identity.findFirst({
    where: {
      kind: "human",
      status: "active",
      removedAt: null,
      ...(z.uuid().safeParse(given.to).success
        ? { id: given.to }
        : { email: { equals: given.to, mode: "insensitive" } }),
    },
    select: { id: true, name: true },
  });
  if (!to)
    throw new AppError("not_found", "There is no active person of that name.", {
      field: "to",
      remedy: "Choose somebody from the list.",
    });
  if (to.id === from)
    throw new AppError("invalid", "Nobody stands in for themself.", { field: "to", remedy: "Choose somebody else." });
  return transaction(async (tx) => {
    const at = await clockOf(tx);
    const startsAt = given.startsAt ? new Date(given.startsAt) : at;
    const endsAt = new Date(given.endsAt);
    if (endsAt <= startsAt || endsAt <= at)
      throw new AppError("invalid", "It would end before it begins.", {
        field: "endsAt",
        remedy: "Choose a later day.",
      });
    if (endsAt > plus(startsAt, 180 * dayMs))
      throw new AppError("invalid", "Somebody stands in for 180 days at most.", {
        field: "endsAt",
        remedy: "Choose an earlier day; it can be made anew.",
      });
    const { id } = await tx.delegation.create({
      data: { fromId: from, toId: to.id, startsAt, endsAt, reason: given.reason, createdBy: actor.name },
      select: { id: true },
    });
    await record(tx, actor, {
      action: "delegation.created",
      target: { type: "identity", id: from },
      details: { to: to.name, startsAt, endsAt, reason: given.reason },
    });
    if (startsAt <= at) await askOpenSteps(tx, from, at);
    return { id };
  });
}

/** Ends a delegation early. @throws AppError `not_found`, `forbidden` */
export async function endDelegation(actor: Actor, { id }: { id: string }): Promise<{ id: string }> {
  const reach = await authorizeReach(actor, "delegation:create", { type: "delegation", id });
  return transaction(async (tx) => {
    const delegation = await tx.delegation.findUnique({ where: { id } });
    if (!delegation) throw new AppError("not_found", "There is no such delegation.", { field: "id" });
    const mine = identityOf(actor);
    if (reach !== "all" && mine !== delegation.fromId && mine !== delegation.toId)
      return refuse(actor, "delegation:create", { type: "delegation", id });
    const at = await clockOf(tx);
    await tx.delegation.updateMany({ where: { id, endedAt: null }, data: { endedAt: at } });
    const target = { type: "identity", id: delegation.fromId };
    await record(tx, actor, { action: "delegation.ended", target, details: { delegationId: id } });
    await askOpenSteps(tx, delegation.fromId, at);
    return { id };
  });
}

async function askOpenSteps(tx: Parameters<typeof askApprovers>[0], identityId: string, at: Date): Promise<void> {
  const waiting = await tx.requestApprover.findMany({
    where: { identityId, open: true },
    select: { stepId: true, requestId: true },
    take: 2_000,
  });
  for (const { stepId, requestId } of waiting) {
    const step = await tx.requestStep.findUniqueOrThrow({ where: { id: stepId } });
    await askApprovers(tx, requestId, step, at);
  }
}
