import { record } from "../audit/record";
import { type Tx, transaction } from "../db/client";
import type { Actor } from "./actor";
import { authorize, refuse } from "./authorize";
import { assertAdministratorStays, lockPerson } from "./lock-person";
import type { Role } from "./permissions";

/**
 * Sets a person's roles here; from then on the groups of the single sign-on no longer change them. Nobody sets their
 * own, and the last administrator keeps the role.
 * @throws AppError `forbidden`, `not_found`, `conflict`
 */
export async function setRoles(
  actor: Actor,
  input: { userId: string; roles: readonly Role[] },
): Promise<{ userId: string; roles: Role[] }> {
  await assertMaySetRoles(actor, input.userId);
  const roles = [...input.roles];
  return transaction(async (tx) => {
    if (!roles.includes("administrator")) await assertAdministratorStays(tx, input.userId);
    const person = await lockPerson(tx, input.userId);
    const same = person.roleSource === "person" && [...person.roles].sort().join() === [...roles].sort().join();
    if (same) return { userId: person.id, roles };
    await tx.user.update({ where: { id: person.id }, data: { roles, roleSource: "person" } });
    await recordRoles(tx, actor, person, { to: roles, because: "set here" });
    return { userId: person.id, roles };
  });
}

/**
 * Lets the groups of the single sign-on decide a person's roles again, from their next sign-in.
 * @throws AppError `forbidden`, `not_found`
 */
export async function releaseRoles(actor: Actor, input: { userId: string }): Promise<{ userId: string }> {
  await assertMaySetRoles(actor, input.userId);
  return transaction(async (tx) => {
    const person = await lockPerson(tx, input.userId);
    if (person.roleSource === "claims") return { userId: person.id };
    await tx.user.update({ where: { id: person.id }, data: { roleSource: "claims" } });
    await recordRoles(tx, actor, person, { to: person.roles, because: "left to the single sign-on" });
    return { userId: person.id };
  });
}

/**
 * Takes the roles again that a person had lost, and that an older database shows them with; gives none. What was set here
 * is set here again, so that the groups of the single sign-on do not give it back. The last administrator is not spared.
 * @returns whether anything changed
 * @throws AppError `forbidden`, `not_found`
 */
export async function takeRolesAgain(
  actor: Actor,
  { userId, stay, setHere, because }: { userId: string; stay: readonly string[]; setHere: boolean; because: string },
): Promise<boolean> {
  await authorize(actor, "record:restore", { type: "person", id: userId });
  return transaction(async (tx) => {
    const person = await lockPerson(tx, userId);
    if (person.roles.every((role) => stay.includes(role))) return false;
    const kept = person.roles.filter((role) => stay.includes(role));
    // Who was made a member stays one: that role carries nothing that not everybody has.
    const roles = kept.length === 0 && stay.includes("member") ? ["member"] : kept;
    await tx.user.update({ where: { id: person.id }, data: { roles, ...(setHere ? { roleSource: "person" } : {}) } });
    await recordRoles(tx, actor, person, { to: roles, because: setHere ? "set here" : because });
    return true;
  });
}

async function assertMaySetRoles(actor: Actor, userId: string): Promise<void> {
  const target = { type: "person", id: userId };
  await authorize(actor, "person:set_role", target);
  if (actor.type !== "person" || actor.userId !== userId) return;
  await refuse(actor, "person:set_role", target, {
    message: "Nobody changes their own roles.",
    remedy: "Ask another administrator to do it.",
  });
}

async function recordRoles(
  tx: Tx,
  actor: Actor,
  person: { id: string; name: string | null; roles: string[] },
  change: { to: readonly string[]; because: string },
): Promise<void> {
  await record(tx, actor, {
    action: "person.roles_changed",
    target: { type: "person", id: person.id, name: person.name },
    before: { roles: person.roles },
    after: { roles: change.to },
    why: { because: change.because },
    details: { from: person.roles, to: [...change.to] },
  });
}
