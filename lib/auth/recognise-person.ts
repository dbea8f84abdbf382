import { z } from "zod";
import { record } from "../audit/record";
import { type Tx, transaction } from "../db/client";
import type { User } from "../db/generated/client";
import { env } from "../env";
import { AppError } from "../errors";
import { now } from "../time";
import { type SystemActor, system } from "./actor";
import type { Role } from "./permissions";
import { groupsOfClaims, rolesOfGroups } from "./roles-of-groups";
import { disabledPerson } from "./session";
import type { Visitor } from "./visitor";

/** Finds the one identity of the inventory that a verified e-mail address belongs to, or null. */
export type FindIdentity = (tx: Tx, email: string) => Promise<string | null>;

// OpenID Connect Core 1.0, section 5.1. Some issuers send email_verified as a word.
const claimsSchema = z.looseObject({
  sub: z.string().min(1).max(255),
  email: z.email().max(320).optional().catch(undefined),
  email_verified: z.union([z.boolean(), z.stringbool()]).optional().catch(undefined),
  name: z.string().max(200).optional().catch(undefined),
  preferred_username: z.string().max(200).optional().catch(undefined),
});
type Claims = z.output<typeof claimsSchema>;

type Recognised = { subject: string; issuer: string; email: string | null; name: string | null; roles: Role[] };

/**
 * Whoever the issuer says has signed in, as a person here: found by issuer and subject, else by verified e-mail
 * address, else made. Their roles follow the groups in the claims, unless a person set them here.
 * @throws AppError `unauthenticated` (disabled), `forbidden` (in none of the groups), `conflict` (address taken)
 */
export async function recognisePerson(
  visitor: Visitor,
  input: { issuer: string; claims: unknown },
  findIdentity: FindIdentity,
): Promise<{ userId: string }> {
  const claims = claimsSchema.parse(input.claims);
  const email = verifiedEmail(claims);
  const person: Recognised = {
    subject: claims.sub,
    issuer: input.issuer,
    email,
    name: claims.name ?? claims.preferred_username ?? email,
    roles: rolesOfGroups(groupsOfClaims(claims, env().OIDC_GROUPS_CLAIM), env()),
  };
  const actor = system("sign-in", visitor.requestId);
  return transaction(async (tx) => {
    const user = await findPerson(tx, person);
    if (user?.disabledAt) throw disabledPerson();
    if (person.roles.length === 0 && user?.roleSource !== "person") throw inNoGroup();
    const known = user ?? (await addPerson(tx, actor, person));
    await followClaims(tx, actor, known, person, findIdentity);
    return { userId: known.id };
  });
}

function verifiedEmail(claims: Claims): string | null {
  const verified = claims.email_verified ?? env().OIDC_TRUST_EMAIL;
  return claims.email && verified ? claims.email.toLowerCase() : null;
}

async function findPerson(tx: Tx, person: Recognised): Promise<User | null> {
  // Two first sign-ins of one person at once must not make two people.
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtext(${`sign-in ${person.issuer} ${person.subject}`}))`;
  const account = await tx.signInAccount.findUnique({
    where: { provider_subject: { provider: person.issuer, subject: person.subject } },
    include: { user: true },
  });
  if (!person.email) return account?.user ?? null;
  const holder = await tx.user.findFirst({
    where: { email: person.email },
    include: { signInAccounts: { where: { provider: person.issuer } } },
  });
  if (account && (!holder || holder.id === account.userId)) return account.user;
  // The issuer has given one address to two subjects: a recycled mailbox must not inherit somebody's rights.
  if (account || (holder && holder.signInAccounts.length > 0)) throw addressTaken(person.email);
  return holder;
}

async function addPerson(tx: Tx, actor: SystemActor, person: Recognised): Promise<User> {
  const { name, email } = person;
  const user = await tx.user.create({ data: { name, email, createdAt: now() } });
  await record(tx, actor, { action: "person.created", target: { type: "person", id: user.id, name } });
  return user;
}

async function followClaims(
  tx: Tx,
  actor: SystemActor,
  user: User,
  person: Recognised,
  findIdentity: FindIdentity,
): Promise<void> {
  const { name, email, issuer: provider, subject } = person;
  await tx.signInAccount.createMany({ data: [{ userId: user.id, provider, subject }], skipDuplicates: true });
  const identityId = user.identityId ?? (email ? await findIdentity(tx, email) : null);
  if (user.identityId === null && identityId !== null) await assertNotLeft(tx, identityId);
  const roles = user.roleSource === "person" ? user.roles : person.roles;
  const proven = email ? { email, emailVerified: now() } : {};
  await tx.user.update({ where: { id: user.id }, data: { name, ...proven, roles, identityId } });
  const target = { type: "person", id: user.id, name };
  if (roles.join() !== user.roles.join()) {
    const why = { because: "groups of the single sign-on" };
    await record(tx, actor, { action: "person.roles_changed", target, why, details: { from: user.roles, to: roles } });
  }
  if (identityId !== user.identityId) {
    const why = { because: "the same verified e-mail address" };
    await record(tx, actor, { action: "person.linked", target, why, details: { identityId } });
  }
}

// Whoever left before they ever signed in has no sign-in here that could have been ended: they are refused at the first.
async function assertNotLeft(tx: Tx, identityId: string): Promise<void> {
  const identity = await tx.identity.findUnique({ where: { id: identityId }, select: { leftAt: true } });
  if (identity?.leftAt) throw disabledPerson();
}

function inNoGroup(): AppError {
  return new AppError("forbidden", "You are in none of the groups that may use Rollcall.", {
    remedy: "Ask whoever runs Rollcall which group of the directory gives access.",
  });
}

function addressTaken(email: string): AppError {
  return new AppError("conflict", `The address ${email} already belongs to another account of the single sign-on.`, {
    remedy: "If the address was given to somebody new, ask an administrator to disable the old person first.",
  });
}
