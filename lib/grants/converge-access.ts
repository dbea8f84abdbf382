import { randomUUID } from "node:crypto";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { ConnectorError } from "../connectors/connector-error";
import type { Outcome, ReadBack } from "../connectors/provisioning";
import { db, type Tx, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { askByHand, takeBackTasks } from "./ask-by-hand";
import { heldAccessOf } from "./held-access";
import type { Edge } from "./note-edge";
import { wantedOf } from "./order-convergence";
import { type Claimed, settleFailure, settleGiven, settleTaken } from "./settle-access";
import { provisionErrorOf, targetOf, whyNotGiving } from "./target";
import { type EdgeVerbs, withVerbs } from "./with-verbs";

/**
 * Brings one edge at the target in line with its justifications: held while one of them is live, and gone with the last.
 * Looks before it changes, changes, reads back, and only then says so. May run twice, at the same time and after a crash
 * at any point: whoever claimed the edge last settles it, and one that lost it settles nothing and orders another look.
 * @param verify look at the target even where all is as it should be
 * @returns what is so now; `waiting` when it is not yet as wanted
 */
export async function convergeAccess(
  actor: Actor,
  { accessId, verify = false }: { accessId: string; verify?: boolean },
  signal: AbortSignal = new AbortController().signal,
): Promise<"held" | "absent" | "waiting"> {
  await authorize(actor, "grant:provision");
  const claimed = await transaction((tx) => claim(tx, accessId, verify));
  if (claimed === null) return "absent";
  try {
    const target = await targetOf(claimed.connectionId, signal);
    const why = whyNotGiving(target.connector, target.context().settings);
    if (why) return await byHand(actor, claimed);
    const settled = await settleAtHome(actor, claimed);
    if (settled) return settled;
    const names = await heldAccessOf(claimed);
    return await withVerbs(target, names, (verbs) =>
      claimed.wanted ? give(actor, claimed, verbs) : take(actor, claimed, verbs),
    );
  } catch (error) {
    if (signal.aborted) throw error;
    await transaction((tx) => settleFailure(tx, actor, claimed, provisionErrorOf(error)));
    return "waiting";
  }
}

async function claim(tx: Tx, accessId: string, verify: boolean): Promise<Claimed | null> {
  const [row] = await tx.$queryRaw<
    (Edge & {
      id: string;
      state: "held" | "absent";
      foundStanding: boolean;
      intendedAt: Date | null;
      claimedAt: Date | null;
    })[]
  >`select id, connection_id as "connectionId", account_id as "accountId", group_id as "groupId",
      entitlement_id as "entitlementId", state, found_standing as "foundStanding", intended_at as "intendedAt",
      claimed_at as "claimedAt"
    from managed_accesses where id = ${accessId}::uuid for update`;
  if (!row) return null;
  const at = await clockOf(tx);
  const { state, intendedAt, claimedAt, ...edge } = row;
  const { wanted, until } = await wantedOf(tx, edge, at);
  const claim = randomUUID();
  // Whether a grant of this edge waits for just this, in the same statement.
  const [pressing] = await tx.$queryRaw<{ pressing: boolean }[]>`
    update managed_accesses set claim = ${claim}::uuid, claimed_at = ${at}::timestamptz where id = ${row.id}::uuid
    returning exists (select 1 from grants g where g.account_id = ${row.accountId}::uuid and g.give = 'assignment'
      and (g.group_id = ${row.groupId}::uuid or g.entitlement_id = ${row.entitlementId}::uuid)
      and g.state = any(${wanted ? waitingToBegin : waitingToEnd}::text[])) as pressing`;
  return {
    ...edge,
    claim,
    wanted,
    until,
    held: state === "held",
    intended: intendedAt !== null,
    pressing: verify || (pressing?.pressing ?? false),
    verify,
    takenOver: claimedAt !== null,
  };
}

const waitingToBegin = ["activating", "activation_failed"];
const waitingToEnd = ["ending", "ending_failed"];

async function give(actor: Actor, claimed: Claimed, verbs: EdgeVerbs): Promise<"held" | "waiting"> {
  const before = claimed.intended ? null : await verbs.readBack();
  if (before) await intend(claimed, before);
  const given = await verbs.grant(claimed.until);
  if (given.outcome === "impossible") throw impossible(given);
  const after = await verbs.readBack();
  if (!after.held) throw notSo("was given and is not held when asked back", after);
  const standing = before ? before.held && before.ours : claimed.foundStanding;
  await transaction((tx) =>
    settleGiven(tx, actor, claimed, {
      detail: given.detail,
      readBack: after.detail,
      standing,
    }),
  );
  return "held";
}

// From here on, what is found at the target may be ours: a crash after the change must not take it for somebody else's.
async function intend(claimed: Claimed, before: ReadBack): Promise<void> {
  await transaction(async (tx) => {
    const at = await clockOf(tx);
    const { count } = await tx.managedAccess.updateMany({
      where: { id: claimed.id, claim: claimed.claim },
      data: { intendedAt: at, foundStanding: before.held && before.ours },
    });
    if (count === 0) throw new Error("another worker took this over");
  });
}

// What needs no look at the target, or null.
async function settleAtHome(actor: Actor, claimed: Claimed): Promise<"held" | "absent" | null> {
  if (claimed.wanted) {
    if (!claimed.held || claimed.pressing) return null;
    await release(claimed);
    return "held";
  }
  if (claimed.foundStanding) {
    await transaction((tx) =>
      settleTaken(tx, actor, claimed, { taken: null, readBack: null, sessions: null, standing: true }),
    );
    return "absent";
  }
  if (!claimed.held && !claimed.intended && !claimed.pressing) {
    await release(claimed);
    return "absent";
  }
  return null;
}

async function take(actor: Actor, claimed: Claimed, verbs: EdgeVerbs): Promise<"absent" | "waiting"> {
  const taken = await verbs.revoke();
  if (taken.outcome === "impossible") throw impossible(taken);
  const sessions = await verbs.endSessions();
  if (sessions && sessions.left > 0) throw notSo(`${sessions.left} sessions are still open`, null);
  const after = await verbs.readBack();
  if (after.held && after.ours) throw notSo("was taken back and is still held when asked back", after);
  await transaction((tx) => settleTaken(tx, actor, claimed, { taken, readBack: after, sessions, standing: false }));
  return "absent";
}

async function byHand(actor: Actor, claimed: Claimed): Promise<"waiting" | "held" | "absent"> {
  return transaction(async (tx) => {
    const matches = claimed.wanted === claimed.held;
    if (matches) await takeBackTasks(tx, claimed.id);
    if (matches && claimed.wanted && claimed.pressing) {
      await settleGiven(tx, actor, claimed, {
        detail: "held already, given by hand",
        readBack: "said by a person",
        standing: false,
      });
      return "held";
    }
    if (matches) {
      await settleTaken(tx, actor, claimed, { taken: null, readBack: null, sessions: null, standing: false });
      return claimed.held ? "held" : "absent";
    }
    await askByHand(tx, actor, claimed, claimed.wanted ? "give" : "take");
    await tx.managedAccess.updateMany({
      where: { id: claimed.id, claim: claimed.claim },
      data: { claim: null, claimedAt: null },
    });
    return "waiting";
  });
}

async function release(claimed: Claimed): Promise<void> {
  await db().managedAccess.updateMany({
    where: { id: claimed.id, claim: claimed.claim },
    data: { claim: null, claimedAt: null },
  });
}

function impossible({ because, remedy }: Extract<Outcome, { outcome: "impossible" }>): ConnectorError {
  return new ConnectorError("rights", because, { remedy, retryable: false });
}

function notSo(words: string, readBack: ReadBack | null | undefined): ConnectorError {
  return new ConnectorError("protocol", readBack ? `it ${words}: ${readBack.detail}` : words, {
    remedy: "Rollcall tries again by itself. Look at the system if it stays so.",
    retryable: true,
  });
}
