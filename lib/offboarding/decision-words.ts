import { AppError } from "../errors";
import { dayMs, plus } from "../time";
import type { decideStepInput } from "./schema";

const longestKeptMs = 365 * dayMs;

type Given = ReturnType<typeof decideStepInput.parse>;

/**
 * What was said with a decision on a step: why, and of what stays until when.
 * @throws AppError `invalid` where that is missing
 */
export function wordsOf({ decision, reason, until }: Given, at: Date): { words: string | null; until: Date | null } {
  if (decision === "retry") return { words: null, until: null };
  if (decision === "end") return { words: reason || "It ends now.", until: null };
  if (reason.length < 3) {
    throw new AppError(
      "invalid",
      decision === "keep" ? "Say why it stays." : "Say what was done, and where it can be seen.",
      {
        field: "reason",
        remedy: "A ticket, a link, or the command that was run.",
      },
    );
  }
  if (decision === "by_hand") return { words: reason, until: null };
  const date = until === null ? null : new Date(until);
  if (date && date > at && date <= plus(at, longestKeptMs)) return { words: reason, until: date };
  throw new AppError("invalid", "Say until when it stays.", { field: "until", remedy: "Choose a day within a year." });
}
