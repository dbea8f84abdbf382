import { z } from "zod";
import { record } from "../audit/record";
import { type Tx, transaction } from "../db/client";
import { AppError } from "../errors";
import { dayMs, now, plus } from "../time";
import { type Actor, actorId } from "./actor";
import { assertFreshSession } from "./assert-fresh-session";
import { authorize } from "./authorize";
import { type Scope, scopeNames } from "./permissions";
import { hashOf, newSecret } from "./secret";
import { everythingScope } from "./verify-token";

/** Begins every API token, so that a scanner of leaked secrets can tell one. */
const tokenPrefix = "rollcall_";

export const createApiTokenInput = z.strictObject({
  name: z.string().trim().min(1).max(100).meta({ title: "Name", description: "What the token is for." }),
  scopes: z
    .array(z.enum(scopeNames as [Scope, ...Scope[]]))
    .max(scopeNames.length)
    .default([])
    .meta({
      title: "Scopes",
      description:
        "What the token may do. May be empty only for a personal token, which then may all that its person may.",
    }),
  for: z
    .email()
    .nullable()
    .default(null)
    .meta({ title: "For", description: "E-mail of the person as whom the token acts; null for a token of its own." }),
  expiresInDays: z.number().int().min(1).max(365).default(90).meta({ title: "Days until it ends" }),
});

/** A token just made. `token` is shown this once and kept nowhere. */
export type CreatedToken = {
  id: string;
  name: string;
  scopes: string[];
  for: string | null;
  expiresAt: Date;
  token: string;
};

/**
 * Makes an API token, of its own or acting as a person.
 * A session makes one only shortly after it began: a token is a lasting way in.
 * @throws AppError `forbidden`, `invalid` (no scope and no person), `not_found` (no such person here)
 */
export async function createApiToken(actor: Actor, given: z.input<typeof createApiTokenInput>): Promise<CreatedToken> {
  const input = createApiTokenInput.parse(given);
  await authorize(actor, "token:create", { type: "token", name: input.name });
  if (actor.type === "person" && actor.sessionId !== null) await assertFreshSession(actor);
  if (!input.for && input.scopes.length === 0) {
    throw new AppError("invalid", "A token of its own needs at least one scope.", {
      field: "scopes",
      remedy: `Choose from: ${scopeNames.join(", ")}.`,
    });
  }
  const secret = newSecret(tokenPrefix);
  return transaction(async (tx) => {
    const user = input.for ? await findUser(tx, input.for) : null;
    const token = await tx.apiToken.create({
      data: {
        name: input.name,
        tokenHash: hashOf(secret),
        hint: secret.slice(-4),
        scopes: input.scopes.length > 0 ? [...new Set<string>(input.scopes)] : [everythingScope],
        userId: user?.id ?? null,
        createdBy: actorId(actor),
        expiresAt: plus(now(), input.expiresInDays * dayMs),
      },
      select: { id: true, name: true, scopes: true, expiresAt: true },
    });
    await record(tx, actor, {
      action: "token.created",
      target: { type: "token", id: token.id, name: token.name },
      ...(user ? { onBehalfOf: { id: user.id, name: user.name ?? input.for ?? "" } } : {}),
      details: { scopes: token.scopes, for: input.for, expiresAt: token.expiresAt },
    });
    return { ...token, for: input.for, token: secret };
  });
}

async function findUser(tx: Tx, email: string) {
  const user = await tx.user.findFirst({
    where: { email: email.toLowerCase() },
    select: { id: true, name: true, disabledAt: true },
  });
  if (!user) {
    throw new AppError("not_found", `Nobody with the e-mail ${email} has signed in here.`, {
      field: "for",
      remedy: "The person signs in once, or is added on the page People and roles.",
    });
  }
  if (user.disabledAt) throw new AppError("conflict", `${email} is disabled here.`, { field: "for" });
  return user;
}
