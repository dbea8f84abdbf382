import { record } from "../audit/record";
import { type Actor, actorId } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { type Tx, transaction } from "../db/client";
import { AppError } from "../errors";
import { refreshFacts } from "../inventory/refresh-facts";
import { enqueue } from "../jobs/enqueue";
import { now } from "../time";
import { type MatchAccountInput, matchAccountInput } from "./match-schema";

/**
 * Says whose an account is: an identity there is, a new one made from it, or nobody's. A person's word: no later sync
 * changes it. An identity that loses its last account so, and that nobody has touched, ends.
 * @throws AppError `not_found`, `conflict`, `forbidden`
 */
export async function matchAccount(actor: Actor, input: MatchAccountInput): Promise<{ identityId: string | null }> {
  const { accountId, to, kind } = matchAccountInput.parse(input);
  await authorize(actor, "identity:match", { type: "account", id: accountId });
  return transaction(async (tx) => {
    const account = await tx.principal.findFirst({
      where: { id: accountId, type: "account", removedAt: null },
      include: { connection: true },
    });
    if (!account) throw new AppError("not_found", "There is no such account.");
    const identityId = await targetOf(tx, to, account, kind ?? null, actor);
    await tx.principal.update({
      where: { id: accountId },
      data: {
        identityId,
        matchRule: "person",
        matchReason: `${actor.name} said so`,
        matchConfidence: 1,
        matchSetBy: actorId(actor),
      },
      select: { id: true },
    });
    const left = account.identityId && account.identityId !== identityId ? [account.identityId] : [];
    await endEmpty(tx, left);
    await refreshFacts(tx, { identityIds: [...left, ...(identityId ? [identityId] : [])] });
    await enqueue(tx, "refresh-facts", { connectionId: null }, { key: "refresh-facts" });
    await record(tx, actor, {
      action: "account.matched",
      target: { type: "account", id: accountId, name: account.name },
      details: { connection: account.connection.name, from: account.identityId, to: identityId },
    });
    return { identityId };
  });
}

async function targetOf(
  tx: Tx,
  to: string,
  account: {
    name: string;
    displayName: string | null;
    email: string | null;
    employeeNumber: string | null;
    kindHint: string | null;
    search: string;
    connection: { environment: string };
  },
  kind: string | null,
  actor: Actor,
): Promise<string | null> {
  if (to === "nobody") return null;
  if (to !== "new") {
    const identity = await tx.identity.findFirst({ where: { id: to, removedAt: null }, select: { id: true } });
    if (!identity) throw new AppError("not_found", "There is no such identity.", { field: "to" });
    return identity.id;
  }
  const made = await tx.identity.create({
    data: {
      kind: kind ?? account.kindHint ?? "service_account",
      kindReason: kind ? `${actor.name} said so` : "as its account looks",
      kindSetBy: kind ? actorId(actor) : null,
      name: account.displayName ?? account.name,
      email: account.email,
      employeeNumber: account.employeeNumber,
      environment: account.connection.environment,
      firstSeenAt: now(),
      search: account.search,
    },
    select: { id: true },
  });
  return made.id;
}

async function endEmpty(tx: Tx, ids: string[]): Promise<void> {
  await tx.$executeRaw`
    update identities i set removed_at = ${now()}::timestamptz, status = 'gone' where i.id = any(${ids}::uuid[]) and i.removed_at is null
      and i.owner_id is null and i.purpose is null and i.kind_set_by is null
      and not exists (select 1 from principals p where p.identity_id = i.id and p.removed_at is null)`;
}
