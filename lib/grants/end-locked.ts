import { recordAll } from "../audit/record";
import type { Actor } from "../auth/actor";
import type { Tx } from "../db/client";
import { secondMs } from "../time";
import type { LockedGrant } from "./lock-grant";
import { finishGrants, moveAll, targetOf } from "./move-grants";
import { accessesOf, orderCredentialConvergence, orderTakings, type Wanted } from "./order-convergence";
import { type EndReason, nextGrantState } from "./states";
import { type ReceiptLine, writeReceipt } from "./write-receipt";

/** How a grant ends: why, and in whose words. */
export type Ending = { because: EndReason; words: string };

/** Ends grants whose rows are locked. @returns the state that each is in now, by its id */
export async function endLocked(
  tx: Tx,
  actor: Actor,
  grants: readonly LockedGrant[],
  { because, words, at }: Ending & { at: Date },
): Promise<Map<string, string>> {
  const states = new Map<string, string>(grants.map(({ id, state }) => [id, state]));
  const ended = { endedBecause: because, endedWords: words.slice(0, 1_000), endOrderedAt: at };
  const unbegun = grants.filter(({ state }) => state === "scheduled");
  const ending = grants.filter(
    ({ state }) => state !== "scheduled" && state !== "ending_failed" && nextGrantState(state, "end") !== null,
  );
  await tx.grant.updateMany({ where: { id: { in: unbegun.map(({ id }) => id) } }, data: ended });
  await moveAll(tx, ending, "end", { ...ended, attempts: 0, nextTryAt: null });
  const ids = ending.map(({ id }) => id);
  await tx.justification.updateMany({ where: { grantId: { in: ids }, endedAt: null }, data: { endedAt: at } });
  await writeReceipt(tx, ids, { step: "end_ordered", at, detail: words });
  const told = ending.map((grant) => eventOf(grant, { because, words, at }));
  await recordAll(tx, actor, told);
  for (const { id } of ending) states.set(id, "ending");
  const { bare, kept } = await orderTaking(tx, ending, at);
  const now = { ...ended, state: "ending" as const };
  const over = [...unbegun.map((grant) => ({ ...grant, ...ended })), ...bare.map((grant) => ({ ...grant, ...now }))];
  await finishGrants(tx, actor, over, at);
  const lines: ReceiptLine[] = [{ step: "kept", at, detail: keptWords }];
  const stays = kept.map((grant) => ({ ...grant, ...now }));
  await finishGrants(tx, actor, stays, at, () => lines);
  for (const { id } of [...over, ...stays]) states.set(id, "ended");
  return states;
}

const keptWords = "Other live justifications keep this access: nothing was taken.";

function eventOf(grant: LockedGrant, { because, words, at }: Ending & { at: Date }) {
  const lateSeconds =
    because === "expired" && grant.endsAt ? Math.round((at.getTime() - grant.endsAt.getTime()) / secondMs) : undefined;
  const details = { because, words, lateSeconds, subjectId: grant.subjectId, connectionId: grant.connectionId };
  return { action: "grant.end_ordered", target: targetOf(grant), details };
}

// `kept`: held for another reason as well, so that nothing is taken; `bare`: never given to an account.
async function orderTaking(tx: Tx, grants: readonly LockedGrant[], at: Date) {
  for (const grant of grants)
    if (grant.give === "credential") await orderCredentialConvergence(tx, grant, { taking: true });
  const given = grants.filter(({ give }) => give !== "credential");
  const edges = given.flatMap(({ id, connectionId, accountId, groupId, entitlementId }) =>
    accountId === null ? [] : [{ id, connectionId, accountId, groupId, entitlementId }],
  );
  const accesses = await accessesOf(tx, edges, at);
  const stays = ({ state, wanted }: Wanted) => state === "held" && wanted;
  const taking = new Map([...accesses.values()].flatMap((it) => (stays(it) ? [] : [[it.id, it] as const])));
  await orderTakings(tx, [...taking.values()]);
  return {
    bare: given.filter(({ accountId }) => accountId === null),
    kept: given.filter(({ id }) => accesses.has(id) && !taking.has(accesses.get(id)?.id ?? "")),
  };
}
