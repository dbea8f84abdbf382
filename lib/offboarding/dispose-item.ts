import { identityOf } from "../access/own-identities";
import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorizeReach } from "../auth/authorize";
import { readIn, type Tx, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import type { OffboardingItem } from "../db/generated/client";
import { AppError } from "../errors";
import { endGrantsOf } from "../requests/cancel-request";
import { lockRequest, moveRequest } from "../requests/move-request";
import { askApprovers } from "../requests/open-stage";
import { dayMs, plus } from "../time";
import { advance } from "./advance-offboarding";
import { assertMayDecide } from "./cancel-offboarding";
import { type LockedRun, lockRun } from "./move-run";
import { refreshItems } from "./refresh-items";
import {
  type DisposeItemInput,
  type Disposition,
  disposeItemInput,
  dispositionsOf,
  followSuggestionsInput,
  type ItemKind,
} from "./schema";
import { startOffboarding } from "./start-offboarding";
import { tellSuccessors } from "./tell-of-items";

const longestKeptMs = 365 * dayMs;

type Given = ReturnType<typeof disposeItemInput.parse>;

/**
 * Says what becomes of something that is left behind: it goes to somebody, it is ended, or it stays, with a reason and a
 * date. What goes to somebody is theirs with this.
 * @throws AppError `forbidden`, `not_found`, `invalid`, `conflict`
 */
export async function disposeItem(actor: Actor, input: DisposeItemInput): Promise<{ id: string }> {
  const given = disposeItemInput.parse(input);
  await authorizeReach(actor, "offboarding:decide", { type: "offboarding_item", id: given.id });
  const item = await itemOf(given.id);
  await assertMayDecide(actor, "offboarding:decide", item.offboardingId);
  assertAllowed(item, given.disposition);
  // Retiring a machine is a run of its own, with its own right to start it.
  const isMachine = item.kind === "owned_identity" || item.kind === "created_identity";
  if (isMachine && given.disposition === "revoke") {
    await startOffboarding(actor, { identity: item.subjectId, reason: given.reason || "Who answers for it leaves." });
  }
  await transaction(async (tx) => {
    const run = await dispose(tx, actor, item, given);
    await tellSuccessors(tx, run, identityOf(actor));
  });
  return { id: item.id };
}

/** Follows every suggestion of a run that is still open. @returns how many, and what could not be done */
export async function followSuggestions(
  actor: Actor,
  input: { id: string },
): Promise<{ done: number; refused: { name: string; message: string }[] }> {
  const { id } = followSuggestionsInput.parse(input);
  await assertMayDecide(actor, "offboarding:decide", id);
  const items = await transaction((tx) =>
    tx.offboardingItem.findMany({
      where: { offboardingId: id, settledAt: null, disposition: null, suggested: { not: null } },
      orderBy: { id: "asc" },
    }),
  );
  const refused: { name: string; message: string }[] = [];
  for (const item of items) {
    const disposition = item.suggested as Disposition;
    const given = disposeItemInput.parse({ id: item.id, disposition, to: item.suggestedId, reason: item.evidence });
    await transaction(async (tx) => void (await dispose(tx, actor, item, given))).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
      refused.push({ name: item.name, message: error.message });
    });
  }
  // Each once, of all that they were handed.
  await transaction(async (tx) => {
    const run = await lockRun(tx, id);
    if (run) await tellSuccessors(tx, run, identityOf(actor));
  });
  return { done: items.length - refused.length, refused };
}

async function itemOf(id: string): Promise<OffboardingItem> {
  const item = await transaction((tx) => tx.offboardingItem.findUnique({ where: { id } }));
  if (!item) throw new AppError("not_found", "There is no such thing left behind.", { field: "id" });
  return item;
}

function assertAllowed({ kind, name }: OffboardingItem, disposition: Disposition): void {
  const allowed: readonly Disposition[] = dispositionsOf[kind as ItemKind];
  if (allowed.includes(disposition)) return;
  throw new AppError("invalid", `${name} cannot be disposed of in this way.`, {
    field: "disposition",
    remedy: `Choose from: ${allowed.join(", ").replaceAll("_", " ")}.`,
  });
}

async function dispose(tx: Tx, actor: Actor, { id, offboardingId }: OffboardingItem, given: Given): Promise<LockedRun> {
  const run = await lockRun(tx, offboardingId);
  const item = await tx.offboardingItem.findUniqueOrThrow({ where: { id } });
  if (!run || ["cancelled", "closed"].includes(run.state)) {
    throw new AppError("conflict", `The run is ${run?.state ?? "gone"}.`, { remedy: "Reload the page." });
  }
  const at = await clockOf(tx);
  assertAllowed(item, given.disposition);
  const toId = given.disposition === "hand_over" ? await successor(tx, given.to, run.identityId) : null;
  const keepUntil = given.disposition === "keep" ? keptUntil(given, at) : null;
  await carryOut(tx, actor, item, {
    disposition: given.disposition,
    toId,
    leaverId: run.identityId,
    at,
    reason: given.reason,
  });
  await tx.offboardingItem.update({
    where: { id },
    data: {
      disposition: given.disposition,
      toId,
      keepUntil,
      words: given.reason,
      decidedBy: actor.name,
      decidedAt: at,
    },
  });
  const details = {
    kind: item.kind,
    name: item.name,
    subjectId: item.subjectId,
    disposition: given.disposition,
    toId,
    keepUntil,
    reason: given.reason,
  };
  await record(tx, actor, { action: "offboarding.disposed", target: run.target, details });
  // At once: whoever decides sees what is left.
  await refreshAndAdvance(tx, actor, run);
  return run;
}

async function refreshAndAdvance(tx: Tx, actor: Actor, run: { id: string; identityId: string }): Promise<void> {
  await refreshItems(tx, run, await clockOf(tx));
  await advance(tx, actor, run.id);
}

async function successor(tx: Tx, to: string | null, leaverId: string): Promise<string> {
  const [found] = await readIn(tx)<{ id: string }>(
    `select id from identities where (id::text = $1 or lower(email) = lower($1)) and kind = 'human' and status = 'active'
       and removed_at is null and left_at is null and id <> $2::uuid limit 1`,
    [to ?? "", leaverId],
  );
  if (found) return found.id;
  throw new AppError("invalid", to ? "Nobody who is here goes by that." : "Say to whom it goes.", {
    field: "to",
    remedy: "Give the e-mail address of a person who stays.",
  });
}

function keptUntil({ reason, until }: Given, at: Date): Date {
  if (reason === "") throw new AppError("invalid", "Say why it stays.", { field: "reason", remedy: "Give a reason." });
  const date = until === null ? null : new Date(until);
  if (date && date > at && date <= plus(at, longestKeptMs)) return date;
  throw new AppError("invalid", "Say until when it stays.", { field: "until", remedy: "Choose a day within a year." });
}

type Done = { disposition: Disposition; toId: string | null; leaverId: string; at: Date; reason: string };

async function carryOut(tx: Tx, actor: Actor, item: OffboardingItem, done: Done): Promise<void> {
  if (done.disposition === "keep") return;
  const { subjectId } = item;
  const { toId, leaverId, at } = done;
  const kind = item.kind as ItemKind;
  if (kind === "owned_identity" && done.disposition === "hand_over")
    await tx.identity.updateMany({ where: { id: subjectId, ownerId: leaverId }, data: { ownerId: toId } });
  if (kind === "backup_owner")
    await tx.identity.updateMany({ where: { id: subjectId, backupOwnerId: leaverId }, data: { backupOwnerId: toId } });
  if (kind === "owned_connection")
    await tx.connection.updateMany({ where: { id: subjectId, ownerId: leaverId }, data: { ownerId: toId } });
  if (kind === "owned_resource")
    await tx.resource.updateMany({ where: { id: subjectId, ownerId: leaverId }, data: { ownerId: toId } });
  // Somebody may have become its owner meanwhile.
  if (kind === "created_identity" && done.disposition === "hand_over")
    await tx.$executeRaw`update identities i set owner_id = ${toId}::uuid where i.id = ${subjectId}::uuid and not exists (
      select 1 from identities h where h.id = i.owner_id and h.status = 'active' and h.left_at is null and h.removed_at is null)`;
  if (kind === "created_connection")
    await tx.connection.updateMany({ where: { id: subjectId, ownerId: null }, data: { ownerId: toId } });
  if (kind === "report")
    // A source that still names the leaver, or whom they took it over from, does not undo it.
    await tx.$executeRaw`update identities set manager_id = ${toId}::uuid, handed_from = coalesce(handed_from, ${leaverId}::uuid)
      where id = ${subjectId}::uuid and manager_id = ${leaverId}::uuid`;
  if (kind === "hand_task")
    await tx.handTask.updateMany({ where: { id: subjectId, assigneeId: leaverId }, data: { assigneeId: toId } });
  if (kind === "delegation")
    await tx.delegation.updateMany({ where: { id: subjectId, endedAt: null }, data: { endedAt: at } });
  if (kind === "token")
    await tx.apiToken.updateMany({ where: { id: subjectId, revokedAt: null }, data: { revokedAt: at } });
  if (kind === "request") await withdraw(tx, actor, subjectId, at);
  if (kind === "approval") await passOn(tx, { requestId: subjectId, leaverId, toId, at });
}

async function withdraw(tx: Tx, actor: Actor, requestId: string, at: Date): Promise<void> {
  const request = await lockRequest(tx, requestId);
  if (request?.state !== "pending") return;
  const because = "Its subject or whoever asked for it leaves.";
  await moveRequest(tx, request, "withdraw", { closedAt: at, because });
  const target = { type: "request", id: request.id, name: `R-${request.number}` };
  await record(tx, actor, { action: "request.withdrawn", target, details: { because } });
  await endGrantsOf(tx, actor, requestId, because);
}

type Passing = { requestId: string; leaverId: string; toId: string | null; at: Date };

// Who may decide is found anew; whoever takes over is asked beside them only where the rules find nobody at all.
async function passOn(tx: Tx, { requestId, leaverId, toId, at }: Passing): Promise<void> {
  const steps = await tx.requestStep.findMany({ where: { requestId, state: "open" } });
  for (const step of steps) {
    const asked = await askApprovers(tx, requestId, step, at);
    if (asked > 0 || toId === null) continue;
    throw new AppError("conflict", "The rules find nobody else who may decide on this request.", {
      remedy: "Have the request taken back and asked for anew, or change the rule of its approval.",
    });
  }
  await tx.requestApprover.deleteMany({ where: { requestId, identityId: leaverId } });
}
