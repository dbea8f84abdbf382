import { record } from "../audit/record";
import { type Tx, transaction } from "../db/client";
import { AppError } from "../errors";
import { minuteMs, now, plus } from "../time";
import { type Actor, actorId } from "./actor";
import { siteAddress } from "./address";
import { authorize } from "./authorize";
import { spend } from "./limit-sign-in";
import { hashOf, newSecret } from "./secret";

/** A link that is not used within this time is dead. */
export const linkLifetimeMs = 30 * minuteMs;

export type SignInLink = { url: string; expiresAt: Date };

/**
 * A one-time sign-in link for the first administrator, as long as there is no administrator who has ever signed in;
 * after that null. The starter prints it. Older links of the same person stop working. When every administrator is gone
 * or disabled, there is a first one again.
 */
export async function createFirstAdministratorLink(actor: Actor): Promise<SignInLink | null> {
  await authorize(actor, "sign_in_link:create");
  return transaction(async (tx) => {
    // Two starters at once must not make two first administrators.
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtext('first administrator'))`;
    const administrators = await tx.user.findMany({
      where: { roles: { has: "administrator" }, disabledAt: null },
      orderBy: { createdAt: "asc" },
    });
    if (administrators.some((user) => user.lastSignInAt !== null)) return null;
    const user =
      administrators[0] ??
      (await tx.user.create({ data: { name: "First administrator", roles: ["administrator"], roleSource: "person" } }));
    return addLink(tx, actor, user);
  });
}

/**
 * A one-time sign-in link for a person who has lost every other way in. For somebody with a shell on the machine:
 * whoever holds the link becomes that person, so no role may make one.
 * @throws AppError `not_found`, `conflict` (disabled), `limited`
 */
export async function createSignInLink(actor: Actor, input: { email: string }): Promise<SignInLink> {
  await authorize(actor, "sign_in_link:create");
  await spend("link-made", `${actorId(actor)}:${input.email.toLowerCase()}`);
  return transaction(async (tx) => {
    const user = await tx.user.findFirst({ where: { email: input.email.toLowerCase() } });
    if (!user) {
      throw new AppError("not_found", `Nobody with the e-mail address ${input.email} has signed in to Rollcall.`, {
        field: "email",
        remedy: "Check the address on the page People and roles.",
      });
    }
    if (user.disabledAt) {
      throw new AppError("conflict", `${input.email} is disabled, so a link would not let them in.`, {
        remedy: "Enable the person first.",
      });
    }
    return addLink(tx, actor, user);
  });
}

/**
 * The same for an administrator who has no e-mail address to be named by, as the first one is until they are matched:
 * somebody whose browser forgot the session before a passkey was made. Null where there is none; of several the first.
 * @throws AppError `limited`
 */
export async function createNamelessAdministratorLink(actor: Actor): Promise<SignInLink | null> {
  await authorize(actor, "sign_in_link:create");
  await spend("link-made", `${actorId(actor)}:`);
  return transaction(async (tx) => {
    const user = await tx.user.findFirst({
      where: { roles: { has: "administrator" }, disabledAt: null, email: null },
      orderBy: { createdAt: "asc" },
    });
    return user && addLink(tx, actor, user);
  });
}

async function addLink(tx: Tx, actor: Actor, user: { id: string; name: string | null }): Promise<SignInLink> {
  const token = newSecret();
  const expiresAt = plus(now(), linkLifetimeMs);
  await tx.signInLink.deleteMany({ where: { userId: user.id, usedAt: null } });
  const link = await tx.signInLink.create({
    data: { tokenHash: hashOf(token), userId: user.id, createdAt: now(), expiresAt },
  });
  await record(tx, actor, {
    action: "sign_in_link.created",
    target: { type: "person", id: user.id, name: user.name },
    details: { linkId: link.id, expiresAt: expiresAt.toISOString() },
  });
  // Behind the #, so that it reaches no server log, no referrer and no scanner that only follows the link.
  return { url: new URL(`/sign-in/link#${token}`, siteAddress()).href, expiresAt };
}
