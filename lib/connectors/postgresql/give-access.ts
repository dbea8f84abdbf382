import { z } from "zod";
import type { AccessRef, BoundVerbs, HeldAccess, Outcome, ReadBack } from "../provisioning";
import { type AccessTarget, type Refusal, targetOf } from "./access-target";
import { cutOff, endSessions } from "./end-sessions";
import { inDatabase, splitDatabase } from "./names";
import { asProvisioner, type Call, changing, type Provisioner, stateOf, untilThrough } from "./provision-session";
import { impossible, Refused, refusalOf } from "./refusals";
import { type Standing, standing } from "./standing";

/** Gives. PostgreSQL ends neither a membership nor a privilege by itself: of `until` nothing can be set there. */
export async function grant(call: Call, held: HeldAccess & { until: Date | null }): Promise<Outcome> {
  const target = targetOf(held.access);
  if (!("kind" in target)) return { outcome: "impossible", ...target };
  return onTarget(call, target, (provisioner) => give(provisioner, held, target)).catch(async (error: unknown) => {
    const moved = await whereItIs(call, error, held);
    return moved ? grant(call, { ...held, access: moved }) : impossible(noThing(held.access));
  });
}

/** Takes back what this connection gave; what others gave stays, and is named. */
export async function revoke(call: Call, held: HeldAccess): Promise<Outcome> {
  const target = targetOf(held.access);
  if (!("kind" in target)) return { outcome: "impossible", ...target };
  return onTarget(call, target, (provisioner) => take(provisioner, held, target)).catch(async (error: unknown) => {
    const moved = await whereItIs(call, error, held);
    return moved
      ? revoke(call, { ...held, access: moved })
      : { outcome: "already", detail: noThing(held.access).because };
  });
}

/** Asks the catalogs, in a session of its own. */
export async function readBack(call: Call, held: HeldAccess): Promise<ReadBack> {
  const target = targetOf(held.access);
  if (!("kind" in target)) return { held: false, ours: false, alsoBy: [], detail: target.because };
  return asProvisioner(call, placeOf(call, target), (provisioner) => look(provisioner, held, target)).catch(
    async (error: unknown) => {
      const moved = await whereItIs(call, error, held);
      if (moved) return readBack(call, { ...held, access: moved });
      return { held: false, ours: false, alsoBy: [], detail: noThing(held.access).because };
    },
  );
}

/** Does `work` with verbs of one session. Where the database of what is asked for is gone, each signs in for itself. */
export async function together<T>(call: Call, held: HeldAccess, work: (verbs: BoundVerbs) => Promise<T>): Promise<T> {
  const target = targetOf(held.access);
  if (!("kind" in target)) return work(verbsApart(call, held));
  let entered = false;
  return asProvisioner(call, placeOf(call, target), (provisioner) => {
    entered = true;
    return work(verbsIn(call, provisioner, held, target));
  }).catch((error: unknown) => {
    if (entered || !isDatabaseGone(error, target)) throw error;
    return work(verbsApart(call, held));
  });
}

function verbsApart(call: Call, held: HeldAccess): BoundVerbs {
  return {
    grant: (until) => grant(call, { ...held, until }),
    revoke: () => revoke(call, held),
    readBack: () => readBack(call, held),
    endSessions: () => endSessions(call, held.account),
  };
}

function verbsIn(call: Call, provisioner: Provisioner, held: HeldAccess, target: AccessTarget): BoundVerbs {
  return {
    grant: () => refusing(call, () => untilThrough(call, () => give(provisioner, held, target))),
    revoke: () => refusing(call, () => untilThrough(call, () => take(provisioner, held, target))),
    readBack: () => look(provisioner, held, target),
    endSessions: () => cutOff(provisioner, held.account),
  };
}

async function look(provisioner: Provisioner, held: HeldAccess, target: AccessTarget): Promise<ReadBack> {
  return readBackOf(await standing(provisioner, held.account, target), held);
}

/** How things stand, as what is read back. */
export function readBackOf(now: Standing, held: HeldAccess): ReadBack {
  const ours = now.givers.some((giver) => giver.ours);
  return { held: now.givers.length > 0, ours, alsoBy: othersOf(now), detail: inWords(now, held) };
}

/** In a session, gives what is not given yet. @throws Refused, or the server's error */
export async function give(provisioner: Provisioner, held: HeldAccess, target: AccessTarget): Promise<Outcome> {
  return changing(provisioner, keyOf(target), async () => {
    const before = await standing(provisioner, held.account, target);
    if (before.account === null) throw new Refused(noRole(held.account.externalId));
    if (before.thing === null) throw new Refused(noThing(held.access));
    if (isGiven(before)) return { outcome: "already", detail: inWords(before, held) };
    await provisioner.session.run(before.give);
    const after = await standing(provisioner, held.account, target);
    if (!isGiven(after)) throw new Refused(notRecorded(after, provisioner));
    return { outcome: "done", detail: before.give };
  });
}

/** In a session, takes what this connection gave. @throws Refused, or the server's error */
export async function take(provisioner: Provisioner, held: HeldAccess, target: AccessTarget): Promise<Outcome> {
  return changing(provisioner, keyOf(target), async () => {
    const before = await standing(provisioner, held.account, target);
    if (!before.givers.some((giver) => giver.ours)) {
      return nothingTaken(before, held, provisioner);
    }
    const [, after] = await Promise.all([
      provisioner.session.run(before.take),
      standing(provisioner, held.account, target),
    ]);
    if (after.givers.some((giver) => giver.ours)) throw new Refused(notTaken(after, provisioner));
    return { outcome: "done", detail: takenWords(before, after) };
  });
}

/** What was done, in words: the statement, and who else gave what is still held. */
export function takenWords(before: Standing, after: Standing): string {
  const others = othersOf(after);
  return others.length > 0 ? `${before.take}; still held, given by ${others.join(", ")}` : before.take;
}

/** Nothing of ours is there to take. */
export function nothingTaken(before: Standing, held: HeldAccess, { me }: Provisioner): Outcome {
  return { outcome: "already", detail: `nothing that "${me}" gave: ${inWords(before, held)}` };
}

async function onTarget(
  call: Call,
  target: AccessTarget,
  work: (provisioner: Provisioner) => Promise<Outcome>,
): Promise<Outcome> {
  return refusing(call, () => asProvisioner(call, placeOf(call, target), work));
}

async function refusing(call: Call, work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    const refusal = refusalOf(error, call.settings.provisionUser);
    if (refusal === null) throw error;
    return impossible(refusal);
  }
}

/** The database in which a target is changed. */
export function placeOf({ settings }: Call, target: AccessTarget): string {
  return target.kind === "object" && target.database !== null ? target.database : settings.database;
}

/** What is changed by one at a time: a table and its columns are one thing, because taking the one touches the other. */
export function keyOf(target: AccessTarget): string {
  if (target.kind === "membership") return `member ${target.stableId ?? target.externalId}`;
  const { type, parts } = target;
  return JSON.stringify(type === "column" ? parts.slice(0, 2) : parts);
}

// Before 16 a second grant of a membership is not kept: whoever gave first, it is given.
function isGiven({ givers, oneGiver }: Standing): boolean {
  return givers.some(({ ours, whole }) => (ours || oneGiver) && whole);
}

function othersOf({ givers }: Standing): string[] {
  return givers.filter(({ ours }) => !ours).map(({ name }) => name);
}

function inWords(now: Standing, { account, access }: HeldAccess): string {
  if (now.account === null) return `there is no role "${account.externalId}"`;
  if (now.thing === null)
    return `there is no ${access.resource.type.replaceAll("_", " ")} ${access.resource.externalId}`;
  const what = `${access.permission} on ${now.thing}`;
  const by = now.givers.map(({ name }) => `"${name}"`).join(", ");
  const held =
    now.givers.length > 0 ? `"${now.account}" holds ${what}, given by ${by}` : `"${now.account}" does not hold ${what}`;
  return now.superuser ? `${held}; it is a superuser, and may do everything anyway` : held;
}

function noRole(name: string): Refusal {
  return { because: `there is no role "${name}"`, remedy: "Read the connection again; it may have been renamed." };
}

function noThing({ resource }: HeldAccess["access"]): Refusal {
  return {
    because: `there is no ${resource.type.replaceAll("_", " ")} ${resource.externalId}`,
    remedy: "Read the connection again; it may have been renamed or dropped.",
  };
}

// Who inherits from the owner grants in the owner's name; who lacks the grant option is warned only.
function notRecorded(now: Standing, { me }: Provisioner): Refusal {
  const others = othersOf(now);
  if (others.length === 0) {
    return {
      because: `"${me}" may not give this: it has no grant option for it`,
      remedy: `As the owner: ${now.give.replace(/ TO ".*$/s, "")} TO "${me.replaceAll('"', '""')}" WITH GRANT OPTION`,
    };
  }
  return {
    because: `PostgreSQL would note this as given by ${others.join(", ")}, so that Rollcall could not take it back`,
    remedy: `Make "${me}" NOINHERIT, or take it out of the role that owns this.`,
  };
}

/** Why what was taken is still there. */
export function notTaken(now: Standing, { me }: Provisioner): Refusal {
  return {
    because: `PostgreSQL did not let "${me}" take back what it gave`,
    remedy: `As the owner or a superuser: ${now.take}`,
  };
}

// Where no database has its name any more: the same access in the database that has its number, or null where that is gone
// too. Whatever else went wrong is thrown again.
async function whereItIs(call: Call, error: unknown, { access }: HeldAccess): Promise<AccessRef | null> {
  const target = targetOf(access);
  if (!("kind" in target) || !isDatabaseGone(error, target) || target.kind !== "object") throw error;
  const [cluster, oid] = target.stableId?.split("/") ?? [];
  if (cluster === undefined || oid === undefined) return null;
  const [found] = await asProvisioner(call, call.settings.database, (provisioner) =>
    provisioner.cluster === cluster
      ? provisioner.session.ask(databaseSql, [oid], z.object({ name: z.string() }))
      : Promise.resolve([]),
  );
  if (!found || found.name === target.database) return null;
  const { resource } = access;
  const rest = splitDatabase(resource.externalId)?.name ?? "";
  return { ...access, resource: { ...resource, externalId: inDatabase(found.name, rest) } };
}

const databaseSql = "select datname::text as name from pg_database where oid::text = $1::text";

function isDatabaseGone(error: unknown, target: AccessTarget): boolean {
  return target.kind === "object" && target.database !== null && stateOf(error) === "3D000";
}
