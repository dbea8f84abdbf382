import { rows } from "../db/client";
import { AppError } from "../errors";
import { hourMs, minuteMs, nowMs } from "../time";

/** What is counted, how often it may happen, and in which time. */
export const limits = {
  /** Sign-ins that failed, from one address or IPv6 /64. A good one gives its point back. */
  "sign-in-network": { points: 20, windowMs: 15 * minuteMs },
  /** Sign-ins that failed, to one account, from wherever. */
  "sign-in-account": { points: 10, windowMs: 15 * minuteMs },
  /** Sign-ins begun from one network, good or bad: bounds what a stranger can make us write. */
  "sign-in-begun": { points: 300, windowMs: 15 * minuteMs },
  /** API tokens that were no token, from one network. */
  "token-network": { points: 60, windowMs: 15 * minuteMs },
  /** One-time links made for one person. */
  "link-made": { points: 20, windowMs: hourMs },
} as const satisfies Record<string, { points: number; windowMs: number }>;

export type Limit = keyof typeof limits;

/**
 * Spends a point of `limit` for `key`. Counted before the attempt, in one statement, so that attempts in parallel
 * cannot pass together; `giveBack` returns the point of an attempt that was good.
 * @throws AppError `limited`, with the seconds to wait.
 */
export async function spend(limit: Limit, key: string): Promise<void> {
  const { points, windowMs } = limits[limit];
  const at = nowMs();
  const [row] = await rows<{ points: number; expire: string }>(
    `insert into rate_limits as r (key, points, expire) values ($1, 1, $2)
     on conflict (key) do update set
       points = case when r.expire <= $3 then 1 else r.points + 1 end,
       expire = case when r.expire <= $3 then excluded.expire else r.expire end
     returning points, expire`,
    [keyOf(limit, key), at + windowMs, at],
  );
  if (!row || row.points <= points) return;
  throw tooMany(Math.max(1, Math.ceil((Number(row.expire) - at) / 1_000)));
}

/** Returns the point of an attempt that was good. */
export async function giveBack(limit: Limit, key: string): Promise<void> {
  await rows("update rate_limits set points = greatest(points - 1, 0) where key = $1", [keyOf(limit, key)]);
}

function keyOf(limit: Limit, key: string): string {
  return `${limit}:${key}`.slice(0, 255);
}

function tooMany(seconds: number): AppError {
  const wait = seconds > 90 ? `${Math.ceil(seconds / 60)} minutes` : `${seconds} seconds`;
  return new AppError("limited", "Too many attempts to sign in.", {
    remedy: `Wait ${wait}, then try again.`,
    retryAfterSeconds: seconds,
  });
}
