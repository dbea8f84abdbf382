import { rows } from "../db/client";
import { countLiveWorkers } from "../jobs/live-workers";
import { nowMs } from "../time";

/** Is the product able to serve? In words that give nothing away to whoever asks. */
export type Readiness = { ready: boolean; database: "there" | "away"; worker: "there" | "away" | "unknown" };

let last: { atMs: number; answer: Promise<Readiness> } | null = null;

/** Asked by anybody and often, so an answer holds for a moment. */
export function getReadiness(): Promise<Readiness> {
  if (last === null || nowMs() - last.atMs > 500) last = { atMs: nowMs(), answer: ask() };
  return last.answer;
}

async function ask(): Promise<Readiness> {
  try {
    await rows("select 1 from settings limit 1");
    const workers = await countLiveWorkers();
    return { ready: workers > 0, database: "there", worker: workers > 0 ? "there" : "away" };
  } catch {
    // Whatever the reason, there is no serving without it; the log of who asked for more has the rest.
    return { ready: false, database: "away", worker: "unknown" };
  }
}
