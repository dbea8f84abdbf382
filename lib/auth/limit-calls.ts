import { rows } from "../db/client";
import { AppError } from "../errors";
import { log } from "../log";
import { minuteMs, nowMs, secondMs } from "../time";
import { type Actor, actorId } from "./actor";

/** Calls of one token or session in one minute, over all web processes together. */
export const callsPerMinute = 12_000;

// A write for each call would cost more than many a call. Each process counts for itself, and once a second they add up
// their counts in the database; so all together may go over by what they take in that second.
const tellEveryMs = secondMs;

/** What all processes had counted when this one last told, and what it has counted since. */
type Count = { told: number; untold: number };

const counts = new Map<string, Count>();
let window = 0;
let toldAtMs = 0;
let telling = false;

/** Counts a call of `actor`. @throws AppError `limited` */
export function countCall(actor: Actor): void {
  const atMs = nowMs();
  startWindow(Math.floor(atMs / minuteMs));
  const key = actor.type === "person" && actor.tokenId ? actor.tokenId : actorId(actor);
  const count = counts.get(key) ?? { told: 0, untold: 0 };
  counts.set(key, count);
  const isOver = count.told + count.untold >= callsPerMinute;
  if (!isOver) count.untold++;
  if (!telling && Math.abs(atMs - toldAtMs) >= tellEveryMs) void tell(atMs);
  if (isOver) throw tooMany(atMs);
}

function startWindow(current: number): void {
  if (current === window) return;
  window = current;
  counts.clear();
}

async function tell(atMs: number): Promise<void> {
  telling = true;
  toldAtMs = atMs;
  // In one order everywhere, so that two processes never wait for each other.
  const news = [...counts].filter(([, count]) => count.untold > 0).sort(([a], [b]) => (a < b ? -1 : 1));
  const sent = news.map(([, count]) => count.untold);
  const prefix = `api-calls:${window}:`;
  try {
    const totals = await rows<{ points: number }>(
      `insert into rate_limits as r (key, points, expire)
       select key, points, $3::bigint from unnest($1::text[], $2::int[]) given (key, points)
       on conflict (key) do update set points = r.points + excluded.points returning points`,
      [news.map(([key]) => prefix + key), sent, (window + 2) * minuteMs],
    );
    news.forEach(([, count], i) => {
      count.untold -= sent[i] ?? 0;
      count.told = totals[i]?.points ?? count.told;
    });
  } catch (error) {
    log().debug({ err: error }, "calls are counted by this process alone for now");
  } finally {
    telling = false;
  }
}

function tooMany(atMs: number): AppError {
  const seconds = Math.max(1, Math.ceil(((window + 1) * minuteMs - atMs) / secondMs));
  return new AppError("limited", "There were too many calls with this token.", {
    remedy: `Wait ${seconds} s.`,
    retryAfterSeconds: seconds,
  });
}
