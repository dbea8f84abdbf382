import type { PersonActor } from "../auth/actor";
import type { Dice } from "../connectors/postgresql/test-dice";
import { db } from "../db/client";
import { AppError } from "../errors";
import { decideRequest } from "../requests/decide-request";
import { submitRequest } from "../requests/submit-request";
import { runJobs } from "../requests/test-world";
import { now } from "../time";
import type { RandomWorld } from "./test-random-world";
import { base, type Worlds } from "./test-worlds";

// For tests: people of a random world ask for access in its systems, and are given it.

/** Some ask for a group in some system, two who stay approve, and it is given. @returns how many grants are live */
export async function askedAndGiven(worlds: Worlds, world: RandomWorld, dice: Dice): Promise<number> {
  const deciders = [await actorOf(`${world.prefix}-owner`), await actorOf(`${world.prefix}-lead`)];
  const [owner, lead] = deciders;
  await db().connection.updateMany({ data: { ownerId: owner?.identityId ?? null } });
  await db().identity.updateMany({
    where: { name: { in: world.people }, managerId: null },
    data: { managerId: lead?.identityId ?? null },
  });
  for (const name of world.people) {
    const subject = await actorOf(name);
    for (const asked of things(worlds, world, dice).filter(() => dice.chance(0.4))) {
      const asking = submitRequest(subject, { items: [asked], reason: "work", duration: "PT2H" });
      // Who has no account there, or holds it already, is refused.
      const request = await asking.catch((error) => (error instanceof AppError ? null : Promise.reject(error)));
      if (request) await approve(request.id, [...deciders, ...(await managersOf(name))]);
    }
  }
  await runJobs();
  return db().grant.count({ where: { state: "active", subjectId: { in: [...world.identities.values()] } } });
}

function things({ slapd, samba }: Worlds, { groups }: RandomWorld, dice: Dice) {
  const one = (connection: string, type: string, id: string) => ({
    ...{ connection, permission: "member", resource: { type, id } },
  });
  return [
    one("cluster-0", "role", dice.pick(groups)),
    one("cluster-1", "role", dice.pick(groups)),
    ...(slapd ? [one("directory", "group", `cn=${dice.pick(groups)},ou=groups,${base}`)] : []),
    ...(samba ? [one("domain", "group", `CN=${dice.pick(groups)},OU=Groups,${samba.base}`)] : []),
  ];
}

async function approve(id: string, deciders: readonly PersonActor[]): Promise<void> {
  for (const decider of deciders) {
    const { state } = await db().request.findUniqueOrThrow({ where: { id } });
    if (state !== "pending") return;
    await decideRequest(decider, { id, decision: "approve" }).catch((error) => {
      if (!(error instanceof AppError)) throw error;
    });
  }
}

async function managersOf(name: string): Promise<PersonActor[]> {
  const { manager } = await db().identity.findFirstOrThrow({
    where: { name, kindReason: "test" },
    select: { manager: true },
  });
  return manager ? [await actorOf(manager.name)] : [];
}

async function actorOf(name: string): Promise<PersonActor> {
  const email = `${name}@acme.test`;
  const facts = { name, email, kind: "human", kindReason: "test", firstSeenAt: now() };
  const known = await db().identity.findFirst({ where: { name, kindReason: "test" }, select: { id: true } });
  const { id: identityId } = known ?? (await db().identity.create({ data: facts, select: { id: true } }));
  const user =
    (await db().user.findFirst({ where: { identityId }, select: { id: true } })) ??
    (await db().user.create({ data: { name, email, roles: ["member"], identityId }, select: { id: true } }));
  const rest = { sessionId: null, tokenId: null, authenticatedBy: "test", scopes: null, requestId: null };
  return { type: "person", userId: user.id, identityId, name, email, roles: ["member"], ...rest };
}
