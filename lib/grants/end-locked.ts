import { recordAll } from "../audit/record";
import type { Actor } from "../auth/actor";
import type { Tx } from "../db/client";
import { secondMs } from "../time";
import type { LockedGrant } from "./lock-grant";
import { finishGrants, targetOf } from "./move-grants";
import { accessesOf, orderCredentialConvergence, orderTakings, type Wanted } from "./order-convergence";
import type { ReceiptStep } from "./schema";
import { type EndReason, nextGrantState } from "./states";
import type { ReceiptLine } from "./write-receipt";

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
  if (unbegun.length > 0)
    await tx.grant.updateMany({ where: { id: { in: unbegun.map(({ id }) => id) } }, data: ended });
  if (ending.length > 0) await writeEnding(tx, ending, { ...ended, words });
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

type Written = { endedBecause: EndReason; endedWords: string; endOrderedAt: Date; words: string };

// What ends, its justification, and the line of its receipt, in one statement: whoever revokes waits for each.
async function writeEnding(tx: Tx, ending: readonly LockedGrant[], written: Written): Promise<void> {
  const moving = ending.map(({ id, state }) => ({ id, state: nextGrantState(state, "end") }));
  const { endedBecause, endedWords, endOrderedAt: at, words } = written;
  await tx.$executeRaw`
    with moving as (select * from jsonb_to_recordset(${JSON.stringify(moving)}::jsonb) as m(id uuid, state text)),
    moved as (
      update grants g set state = m.state, ended_because = ${endedBecause}, ended_words = ${endedWords},
        end_ordered_at = ${at}::timestamptz, attempts = 0, next_try_at = null
      from moving m where g.id = m.id),
    over as (
      update justifications j set ended_at = ${at}::timestamptz from moving m where j.grant_id = m.id and j.ended_at is null)
    insert into grant_steps (grant_id, step, at, detail)
    select id, ${"end_ordered" satisfies ReceiptStep}, ${at}::timestamptz, ${words.slice(0, 2_000)} from moving`;
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
