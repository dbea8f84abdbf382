import { record } from "../audit/record";
import { type Tx, transaction } from "../db/client";
import { AppError } from "../errors";
import { now } from "../time";
import type { Actor } from "./actor";
import { authorize } from "./authorize";
import { endSessions } from "./end-session";
import { assertAdministratorStays, lockPerson } from "./lock-person";

/**
 * Disables a person: their sessions end, their tokens and passkeys open nothing, and the very next request is refused.
 * @throws AppError `forbidden`, `not_found`, `conflict` (oneself, or the last administrator)
 */
export async function disablePerson(actor: Actor, input: { userId: string }): Promise<{ ended: number }> {
  await authorize(actor, "person:disable", { type: "person", id: input.userId });
  if (actor.type === "person" && actor.userId === input.userId) {
    throw new AppError("conflict", "You cannot disable yourself.", { remedy: "Ask another administrator to do it." });
  }
  return transaction(async (tx) => {
    await assertAdministratorStays(tx, input.userId);
    return disable(tx, actor, input.userId);
  });
}

/**
 * The same again, of somebody who was disabled before and whom an older database shows as they were. The last
 * administrator is not spared: whoever starts Rollcall then lets a new one in.
 * @throws AppError `forbidden`, `not_found`
 */
export async function disableAgain(
  actor: Actor,
  { userId, because }: { userId: string; because: string },
): Promise<{ ended: number }> {
  await authorize(actor, "record:restore", { type: "person", id: userId });
  return transaction((tx) => disable(tx, actor, userId, because));
}

async function disable(tx: Tx, actor: Actor, userId: string, because?: string): Promise<{ ended: number }> {
  const person = await lockPerson(tx, userId);
  if (person.disabledAt) return { ended: 0 };
  await tx.user.update({ where: { id: person.id }, data: { disabledAt: now() } });
  const ended = await endSessions(tx, actor, { userId: person.id });
  await record(tx, actor, {
    action: "person.disabled",
    target: { type: "person", id: person.id, name: person.name },
    ...(because === undefined ? {} : { why: { because } }),
    details: { sessionsEnded: ended },
  });
  return { ended };
}

/**
 * Enables a person again, with the roles they had.
 * @throws AppError `forbidden`, `not_found`
 */
export async function enablePerson(actor: Actor, input: { userId: string }): Promise<{ userId: string }> {
  await authorize(actor, "person:enable", { type: "person", id: input.userId });
  return transaction(async (tx) => {
    const person = await lockPerson(tx, input.userId);
    if (!person.disabledAt) return { userId: person.id };
    await tx.user.update({ where: { id: person.id }, data: { disabledAt: null } });
    await record(tx, actor, {
      action: "person.enabled",
      target: { type: "person", id: person.id, name: person.name },
      details: { roles: person.roles },
    });
    return { userId: person.id };
  });
}
