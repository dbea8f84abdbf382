import type { Actor } from "../auth/actor";
import { db, rows } from "../db/client";
import { clockOf } from "../db/clock";
import { releaseOffboarding } from "../offboarding/cancel-offboarding";
import { findLeaver } from "../offboarding/find-leaver";
import { startAgain } from "../offboarding/start-offboarding";
import { dayMs } from "../time";
import { alreadySo, type Repeated, type Repeating, taken, unknownHere } from "./forgotten";

type Known = { id: string; state: string };

/**
 * Somebody left, and this database does not know it: their leaving begins again, or goes on where the brake held it then.
 * One that was to begin later begins at its time.
 */
export async function repeatLeaving(actor: Actor, ending: Repeating): Promise<Repeated> {
  const identity = await db().identity.findUnique({ where: { id: ending.id }, select: { leftAt: true } });
  if (!identity) return unknownHere;
  const [known] = await rows<Known>(
    `select id, state from offboardings where identity_id = $1 and kind <> 'mover' and state <> 'cancelled'
     order by created_at desc limit 1`,
    [ending.id],
  );
  if (known?.state === "paused_by_brake" && ending.action !== "offboarding.ordered") {
    await releaseOffboarding(actor, { id: known.id, reason: ending.words });
    return {
      state: "taken",
      detail: "The brake held it when the backup was made, and somebody had let it go on since.",
    };
  }
  if (known && (known.id === ending.run || known.state !== "closed" || identity.leftAt !== null)) return alreadySo;
  await startAgain(actor, await findLeaver(ending.id), { ...(await timesOf(ending)), reason: ending.words });
  return taken;
}

async function timesOf({ startsAt, shutAt, holdDays = null }: Repeating) {
  const at = (await clockOf(db())).getTime();
  const begins = startsAt === undefined ? at : Math.max(at, Date.parse(startsAt));
  const shut = shutAt === undefined ? begins : Math.max(begins, Date.parse(shutAt));
  return {
    at: begins > at ? new Date(begins) : null,
    announceDays: Math.min(365, Math.ceil((shut - begins) / dayMs)),
    holdDays,
  };
}
