import { record } from "../audit/record";
import { type Actor, actorId } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { databaseCode, db, type Tx, transaction } from "../db/client";
import { AppError } from "../errors";
import { enqueue } from "../jobs/enqueue";
import { minuteMs, now } from "../time";
import { matchAccounts } from "./match-accounts";
import { type MatchRuleInput, matchRuleInput } from "./match-schema";

export type MatchPreview = { account: string; connection: string; made: string; identity: string | null };

/** What a rule would match now, from its first hundred accounts; keeps nothing. */
export async function previewMatchRule(actor: Actor, input: MatchRuleInput): Promise<MatchPreview[]> {
  const rule = matchRuleInput.parse(input);
  await authorize(actor, "identity:match");
  return inWords(() => transaction((tx) => tryRule(tx, rule)));
}

/** Saves a rule and matches by it at once. @throws AppError `invalid` (not a regular expression), `conflict`, `forbidden` */
export async function saveMatchRule(actor: Actor, input: MatchRuleInput): Promise<{ id: string }> {
  const rule = matchRuleInput.parse(input);
  await authorize(actor, "identity:match");
  return inWords(() =>
    transaction(
      async (tx) => {
        await tryRule(tx, rule);
        const position = (await tx.matchRule.count()) + 1;
        const { id } = await tx.matchRule.create({
          data: { ...rule, position, createdBy: actorId(actor) },
          select: { id: true },
        });
        const connections = await tx.connection.findMany({
          where: { removedAt: null, ...(rule.connectionId ? { id: rule.connectionId } : {}) },
          select: { id: true },
        });
        for (const connection of connections) {
          await tx.$executeRaw`drop table if exists made_identities, adopted`;
          await matchAccounts(tx, { connectionId: connection.id, at: now() });
          await enqueue(
            tx,
            "refresh-facts",
            { connectionId: connection.id },
            { key: `refresh-facts:${connection.id}` },
          );
        }
        await record(tx, actor, {
          action: "match_rule.saved",
          target: { type: "match_rule", id, name: rule.name },
          after: rule,
          details: { ...rule },
        });
        return { id };
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

/** The saved rules, in the order they are tried. */
export async function listMatchRules(actor: Actor) {
  await authorize(actor, "identity:read");
  return db().matchRule.findMany({ orderBy: [{ position: "asc" }, { id: "asc" }] });
}

async function tryRule(tx: Tx, rule: ReturnType<typeof matchRuleInput.parse>): Promise<MatchPreview[]> {
  // A pattern that backtracks for ever ends with the statement, not with the database.
  await tx.$executeRaw`set local statement_timeout = 5000`;
  return tx.$queryRaw<MatchPreview[]>`
    select a.name account, a.connection, a.made, min(i.name) identity from (
      select p.id, p.name, c.name connection, regexp_replace(f.value, ${rule.pattern}, ${rule.template}) made
      from principals p join connections c on c.id = p.connection_id
      cross join lateral (select case ${rule.field}::text when 'name' then p.name when 'external_id' then p.external_id when 'email' then p.email else p.display_name end value) f
      where p.type = 'account' and p.removed_at is null and p.identity_id is null and (${rule.connectionId}::uuid is null or c.id = ${rule.connectionId}::uuid)
        and f.value ~ ${rule.pattern} limit 100
    ) a left join identities i on i.removed_at is null and lower(a.made) = lower(case ${rule.target}::text when 'email' then i.email when 'employee_number' then i.employee_number else i.name end)
    group by a.id, a.name, a.connection, a.made order by a.name`;
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
