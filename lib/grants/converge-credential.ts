import { randomUUID } from "node:crypto";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { ConnectorError } from "../connectors/connector-error";
import type { AccessRef, AccountRef } from "../connectors/provisioning";
import { db, type Tx, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import type { Prisma } from "../db/generated/client";
import { AppError } from "../errors";
import { plus, secondMs } from "../time";
import { accountRefOf } from "./held-access";
import { issuedName } from "./issued-name";
import { lockGrant } from "./lock-grant";
import { beginGrants, failGrants, finishGrants } from "./move-grants";
import { noteEdge } from "./note-edge";
import { noteIssued, noteWithdrawn } from "./note-issued";
import { lookAgainAtCredential, orderCredentialConvergence } from "./order-convergence";
import { grantStatesBefore } from "./states";
import { provisionErrorOf, retryDelayMs, type Target, targetOf } from "./target";
import { writeReceipt } from "./write-receipt";

type Claimed = Prisma.GrantGetPayload<object> & {
  claim: string;
  takenOver: boolean;
  wanted: boolean;
  until: Date;
  verify: boolean;
};

/**
 * Brings the short-lived account of one grant in line with the grant: made and ending by itself at the system while the
 * grant stands, and gone with it. The account's name is settled before it is made, so that a crash in between leaves
 * nothing that is not found again.
 * @param verify look at the system even after the grant has ended: a worker that was given up may have made it again
 */
export async function convergeCredential(
  actor: Actor,
  { grantId, verify = false }: { grantId: string; verify?: boolean },
  signal: AbortSignal = new AbortController().signal,
): Promise<"held" | "absent" | "waiting"> {
  await authorize(actor, "grant:provision");
  const claimed = await transaction((tx) => claim(tx, grantId, verify));
  if (claimed === null) return "absent";
  try {
    const target = await targetOf(claimed.connectionId, signal);
    return claimed.wanted ? await issue(actor, claimed, target) : await withdraw(actor, claimed, target);
  } catch (error) {
    if (signal.aborted) throw error;
    await transaction((tx) => settleFailure(tx, actor, claimed, error));
    return "waiting";
  }
}

async function claim(tx: Tx, grantId: string, verify: boolean): Promise<Claimed | null> {
  const locked = await lockGrant(tx, grantId);
  if (locked?.give !== "credential") return null;
  if (!toDo.includes(locked.state) && !(verify && locked.state === "ended")) return null;
  const at = await clockOf(tx);
  const before = await tx.grant.findUniqueOrThrow({ where: { id: grantId } });
  const subject = await tx.identity.findUniqueOrThrow({
    where: { id: before.subjectId },
    select: { name: true, email: true },
  });
  const token = randomUUID();
  const issued = before.issuedName ?? issuedName(subject, grantId);
  await tx.grant.update({ where: { id: grantId }, data: { claim: token, claimedAt: at, issuedName: issued } });
  return {
    ...before,
    issuedName: issued,
    claim: token,
    takenOver: before.claim !== null,
    wanted: !["ending", "ending_failed", "ended"].includes(locked.state),
    verify,
    until: before.endsAt ?? plus(at, before.durationSeconds * secondMs),
  };
}

const toDo: readonly string[] = ["activating", "activation_failed", "active", "ending", "ending_failed"];

async function issue(
  actor: Actor,
  claimed: Claimed,
  { connector, context, name }: Target,
): Promise<"held" | "waiting"> {
  if (!connector.issue)
    throw new ConnectorError("rights", `${name} makes no short-lived accounts`, {
      remedy: "Ask for access on your own account instead.",
      retryable: false,
    });
  const may = connector.mayProvision?.(context().settings) ?? true;
  if (may !== true) throw new ConnectorError("rights", may.because, { remedy: may.remedy, retryable: false });
  const { account, detail } = await connector.issue(context(), {
    name: claimed.issuedName ?? "",
    for: await wordsFor(claimed),
    access: [accessOf(claimed)],
    until: claimed.until,
  });
  await transaction(async (tx) => {
    if (!(await giveUpClaim(tx, claimed))) return;
    const grant = await lockGrant(tx, claimed.id);
    const begins = grant !== null && grantStatesBefore("succeed").includes(grant.state);
    // Its end was ordered while it was made: whoever takes it finds it by its name, and nothing ever stood for it. By a
    // job of its own, because this worker's may be the one that was ordered for the end, and is over with it.
    if (!begins && grant?.state !== "active")
      return orderCredentialConvergence(tx, claimed, { taking: true, verify: true });
    const at = await clockOf(tx);
    const accountId = await noteIssued(tx, claimed, account, { at, until: claimed.until });
    const { connectionId, groupId, entitlementId } = claimed;
    const edge = { connectionId, accountId, groupId, entitlementId };
    await noteEdge(tx, edge, true, at);
    const said = { at, detail };
    if (!begins) return writeReceipt(tx, [claimed.id], { step: "expiry_set", ...said });
    await tx.grant.update({ where: { id: claimed.id }, data: { accountId, endsAt: claimed.until } });
    const type = claimed.breakGlass ? "break_glass" : "grant";
    const known = await tx.justification.count({ where: { grantId: claimed.id, endedAt: null } });
    if (known === 0)
      await tx.justification.create({ data: { ...edge, type, grantId: claimed.id, since: at, until: claimed.until } });
    const expiry = `The system itself ends it at ${claimed.until.toISOString()}.`;
    await writeReceipt(tx, [claimed.id], { step: "done", ...said }, { step: "expiry_set", at, detail: expiry });
    await beginGrants(tx, actor, [grant], at);
  });
  return "held";
}

async function withdraw(actor: Actor, claimed: Claimed, { connector, context }: Target): Promise<"absent" | "waiting"> {
  const account = await accountOf(claimed);
  const taken = await connector.withdraw?.(context(), account);
  if (taken?.outcome === "impossible")
    throw new ConnectorError("rights", taken.because, { remedy: taken.remedy, retryable: true });
  const after = await connector.readBackIssued?.(context(), account);
  if (after?.standing)
    throw new ConnectorError("protocol", `it was withdrawn and still stands when asked back: ${after.detail}`, {
      remedy: "Rollcall tries again by itself. Look at the system if it stays so.",
      retryable: true,
    });
  await transaction(async (tx) => {
    if (!(await giveUpClaim(tx, claimed))) return;
    const at = await clockOf(tx);
    const { accountId, connectionId, groupId, entitlementId } = claimed;
    if (accountId) {
      await noteEdge(tx, { connectionId, accountId, groupId, entitlementId }, false, at);
      await noteWithdrawn(tx, accountId, at);
    }
    const grant = await lockGrant(tx, claimed.id);
    if (!grant || !grantStatesBefore("prove").includes(grant.state)) return;
    if (taken) await writeReceipt(tx, [claimed.id], { step: "taken", at, detail: taken.detail });
    if (after) await writeReceipt(tx, [claimed.id], { step: "read_back", at, detail: after.detail });
    await finishGrants(tx, actor, [grant], at);
  });
  return "absent";
}

async function settleFailure(tx: Tx, actor: Actor, claimed: Claimed, thrown: unknown): Promise<void> {
  const error = provisionErrorOf(thrown);
  if (!(await giveUpClaim(tx, claimed))) return;
  const grant = await lockGrant(tx, claimed.id);
  const at = await clockOf(tx);
  if (grant?.state === "ended" && claimed.verify)
    return orderCredentialConvergence(tx, claimed, { runAt: plus(at, retryDelayMs(1)), verify: true, taking: true });
  if (!grant || !grantStatesBefore("fail").includes(grant.state)) return;
  const taking = grant.state.startsWith("ending");
  const attempts = claimed.attempts + 1;
  const nextTryAt = error.retryable || taking ? plus(at, retryDelayMs(attempts)) : null;
  await failGrants(tx, actor, [grant], { at, attempts, nextTryAt, lastError: error });
  if (nextTryAt) await orderCredentialConvergence(tx, claimed, { runAt: nextTryAt, taking });
}

// The fence; see converge-access.
async function giveUpClaim(tx: Tx, claimed: Claimed): Promise<boolean> {
  const { count } = await tx.grant.updateMany({
    where: { id: claimed.id, claim: claimed.claim },
    data: { claim: null, claimedAt: null },
  });
  if (claimed.takenOver) await lookAgainAtCredential(tx, claimed, await clockOf(tx));
  if (count === 0) await orderCredentialConvergence(tx, claimed, { verify: true, taking: true });
  return count > 0;
}

function accessOf(grant: Claimed): AccessRef {
  const { permission, resourceType: type, resourceExternalId: externalId, resourceName: name } = grant;
  return { permission, resource: { type, externalId, name } };
}

async function accountOf({ accountId, issuedName }: Claimed): Promise<AccountRef> {
  const noted = accountId ? await accountRefOf(accountId) : null;
  return noted ?? { externalId: issuedName ?? "", name: issuedName ?? "" };
}

async function wordsFor({ subjectId, id }: Claimed): Promise<string> {
  const subject = await db().identity.findUnique({ where: { id: subjectId }, select: { name: true } });
  if (!subject) throw new AppError("not_found", "The subject of this grant is gone.");
  return `Rollcall: ${subject.name}, grant ${id}`;
}
