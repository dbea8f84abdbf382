import { setTimeout as wait } from "node:timers/promises";
import type { Actor } from "../auth/actor";
import { isDatabaseAway } from "../db/client";
import { log } from "../log";
import { secondMs } from "../time";
import { noticeRestoration } from "./notice-restoration";
import { repeatEndings } from "./repeat-endings";

const lookEveryMs = 5 * secondMs;
const otherMs = 200;

/**
 * Takes back again what a restored database has forgotten, and returns when every ending was tried once, by whichever
 * worker: nothing is to be given before. A journal that cannot be read is said and holds nothing up.
 */
export async function catchUp(actor: Actor, signal: AbortSignal): Promise<void> {
  for (let waitMs = otherMs; !signal.aborted; waitMs = secondMs) {
    try {
      await noticeRestoration(actor);
      if ((await repeatEndings(actor, signal)) !== null) return;
      waitMs = otherMs;
    } catch (error) {
      if (!isDatabaseAway(error)) return log().error({ err: error }, "whether this database is older is not known");
    }
    await wait(waitMs, undefined, { signal }).catch(() => undefined);
  }
}

/** The same again and again: a database may be restored beneath a worker that runs. */
export async function keepCaughtUp(actor: Actor, signal: AbortSignal): Promise<void> {
  for (let said = ""; !signal.aborted; ) {
    await wait(lookEveryMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    const trouble = await noticeRestoration(actor)
      .then(() => repeatEndings(actor, signal))
      .then(() => "", String);
    if (trouble !== said && trouble !== "") log().error({ trouble }, "whether this database is older is not known");
    said = trouble;
  }
}
