import { AppError } from "../errors";
import { databaseCode, isDatabaseAway } from "./client";

/**
 * What a caller may be told of an error: a refusal as it is, a database that is away or too busy as `unavailable`, and
 * null for everything else, which is a bug.
 */
export function refusalOf(error: unknown): AppError | null {
  if (error instanceof AppError) return error;
  if (isDatabaseAway(error)) {
    return new AppError("unavailable", "The database does not answer at the moment.", {
      remedy: "Try again in a few seconds; nothing was changed.",
      retryAfterSeconds: 2,
      cause: error,
    });
  }
  if (databaseCode(error) === "57014") {
    return new AppError("unavailable", "The database took too long to answer.", {
      remedy: "Ask for less at once, or try again later.",
      retryAfterSeconds: 10,
      cause: error,
    });
  }
  if (["42P01", "42703", "3F000"].includes(databaseCode(error) ?? "")) {
    return new AppError("unavailable", "The database is not of this version of Rollcall.", {
      remedy: "Bring it up to date with: rollcall migrate",
      cause: error,
    });
  }
  return null;
}
