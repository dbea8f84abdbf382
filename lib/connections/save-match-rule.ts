import { record } from "../audit/record";
import { type Actor, actorId } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { databaseCode, type Tx, transaction } from "../db/client";
import { AppError } from "../errors";
import { enqueue } from "../jobs/enqueue";
import { minuteMs, now } from "../time";
import { applyMatchRule, type MatchPreview, tryMatchRule } from "./apply-match-rule";
import { type MatchRuleInput, matchRuleInput } from "./match-schema";

/** What a rule would match now, from its first hundred accounts; keeps nothing. */
export async function previewMatchRule(actor: Actor, input: MatchRuleInput): Promise<MatchPreview[]> {
  const rule = matchRuleInput.parse(input);
  await authorize(actor, "identity:match");
  return inWords(() => transaction((tx) => tryMatchRule(tx, rule)));
}

/**
 * Saves a rule and matches by it at once. @returns how many accounts it has matched.
 * @throws AppError `invalid` (not a regular expression, no such system), `conflict`, `forbidden`
 */
export async function saveMatchRule(actor: Actor, input: MatchRuleInput): Promise<{ id: string; matched: number }> {
  const rule = matchRuleInput.parse(input);
  await authorize(actor, "identity:match");
  return inWords(() =>
    transaction(
      async (tx) => {
        await tryMatchRule(tx, rule);
        await assertConnection(tx, rule.connectionId);
        const position = (await tx.matchRule.count()) + 1;
        const { id } = await tx.matchRule.create({
          data: { ...rule, position, createdBy: actorId(actor) },
          select: { id: true },
        });
        const { matched, connectionIds } = await applyMatchRule(tx, rule, now());
        for (const connectionId of connectionIds)
          await enqueue(tx, "refresh-facts", { connectionId }, { key: `refresh-facts:${connectionId}` });
        await record(tx, actor, {
          action: "match_rule.saved",
          target: { type: "match_rule", id, name: rule.name },
          after: rule,
          details: { ...rule, matched },
        });
        return { id, matched };
      },
      { timeoutMs: 5 * minuteMs },
    ),
  );
}

/** Deletes a rule; what it matched stays matched. @throws AppError `not_found`, `forbidden` */
export async function deleteMatchRule(actor: Actor, { id }: { id: string }): Promise<{ id: string }> {
  await authorize(actor, "identity:match", { type: "match_rule", id });
  return transaction(async (tx) => {
    const rule = await tx.matchRule.findUnique({ where: { id } });
    if (!rule) throw new AppError("not_found", "There is no such rule.");
    await tx.matchRule.delete({ where: { id } });
    await record(tx, actor, {
      action: "match_rule.deleted",
      target: { type: "match_rule", id, name: rule.name },
      before: rule,
    });
    return { id };
  });
}

async function assertConnection(tx: Tx, id: string | null): Promise<void> {
  if (id === null || (await tx.connection.count({ where: { id, removedAt: null } })) > 0) return;
  throw new AppError("invalid", "There is no such connection.", { field: "connectionId" });
}

async function inWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const code = databaseCode(cause);
    if (code === "2201B")
      throw new AppError("invalid", "pattern: this is not a regular expression that PostgreSQL understands", {
        field: "pattern",
        cause,
      });
    if (code === "57014")
      throw new AppError("invalid", "pattern: this takes too long on your accounts", {
        field: "pattern",
        remedy: "Make it simpler.",
        cause,
      });
    if (code === "23505")
      throw new AppError("conflict", "there is a rule of this name already", { field: "name", cause });
    throw cause;
  }
}
