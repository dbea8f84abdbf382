import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { type Actor, actorId } from "@/lib/auth/actor";
import { AppError } from "@/lib/errors";

const callsPerMinute = 12_000;

// Counted in each process: a limit shared by all would cost every call a write. It keeps one caller from taking the
// processor; what must hold exactly (signing in) is counted in the database.
const calls = new RateLimiterMemory({ keyPrefix: "api-calls", points: callsPerMinute, duration: 60 });

/** Counts a call of `actor`. @throws AppError `limited` */
export async function countCall(actor: Actor): Promise<void> {
  const key = actor.type === "person" && actor.tokenId ? actor.tokenId : actorId(actor);
  try {
    await calls.consume(key);
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    const seconds = Math.max(1, Math.ceil(error.msBeforeNext / 1000));
    throw new AppError("limited", "There were too many calls with this token.", {
      remedy: `Wait ${seconds} s.`,
      retryAfterSeconds: seconds,
    });
  }
}
