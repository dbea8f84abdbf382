import { record } from "../audit/record";
import { type Tx, transaction } from "../db/client";
import { AppError } from "../errors";
import type { Actor, PersonActor } from "./actor";
import { authorize, authorizeReach, refuse } from "./authorize";

/**
 * Ends a session: its very next request is refused. One's own, or with the right anybody's.
 * @throws AppError `forbidden`, `not_found`
 */
export async function endSession(actor: Actor, input: { id: string }): Promise<{ ended: number }> {
  const target = { type: "session", id: input.id };
  const reach = await authorizeReach(actor, "session:end", target);
  const ended = await transaction(async (tx) => {
    const session = await tx.session.findUnique({ where: { id: input.id }, select: { userId: true } });
    if (!session) return null;
    if (reach === "own" && (actor.type !== "person" || session.userId !== actor.userId)) return "another's" as const;
    return endSessions(tx, actor, { id: input.id });
  });
  if (ended === "another's") return refuse(actor, "session:end", target);
  if (ended === null) throw new AppError("not_found", "There is no such session; it has ended already.");
  return { ended };
}

/** Ends every session of whoever is signed in but the one they are using. */
export async function endOtherSessions(actor: PersonActor): Promise<{ ended: number }> {
  await authorizeReach(actor, "session:end");
  const { userId, sessionId } = actor;
  const ended = await transaction((tx) =>
    endSessions(tx, actor, { userId, ...(sessionId ? { NOT: { id: sessionId } } : {}) }),
  );
  return { ended };
}

/** Ends every session of a person. */
export async function endSessionsOf(actor: Actor, input: { userId: string }): Promise<{ ended: number }> {
  await authorize(actor, "session:end", { type: "person", id: input.userId });
  return { ended: await transaction((tx) => endSessions(tx, actor, { userId: input.userId })) };
}

/** Signs out: ends the session that is being used. */
export async function signOut(actor: PersonActor): Promise<{ ended: number }> {
  await authorizeReach(actor, "session:end");
  if (actor.sessionId === null) return { ended: 0 };
  const { sessionId } = actor;
  return { ended: await transaction((tx) => endSessions(tx, actor, { id: sessionId })) };
}

type Which = { id?: string; userId?: string; NOT?: { id: string } };

/** Ends these sessions in the caller's transaction, with an event for each; for commands that end sessions too. */
export async function endSessions(tx: Tx, actor: Actor, which: Which): Promise<number> {
  const sessions = await tx.session.findMany({ where: which, include: { user: { select: { id: true, name: true } } } });
  for (const session of sessions) {
    const gone = await tx.session.deleteMany({ where: { id: session.id } });
    if (gone.count === 0) continue;
    await record(tx, actor, {
      action: "session.ended",
      target: { type: "session", id: session.id, name: session.user.name },
      details: { of: session.user.id },
    });
  }
  return sessions.length;
}
