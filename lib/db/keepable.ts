import { AppError } from "../errors";

/**
 * Refuses text that PostgreSQL has no way to keep: the character NUL, and half of a pair that stands for one character.
 * @throws AppError `invalid`, naming the field
 */
export function assertKeepable(value: unknown): void {
  const path = pathOfOdd(value);
  if (path === null) return;
  throw new AppError("invalid", "This text holds a character that cannot be kept, such as NUL.", {
    field: path.join("."),
    remedy: "Leave it out, or type the text instead of pasting it.",
  });
}

// Where the first such text is, or null.
function pathOfOdd(value: unknown): string[] | null {
  if (typeof value === "string") return value.includes("\u0000") || !value.isWellFormed() ? [] : null;
  if (typeof value !== "object" || value === null) return null;
  for (const [name, part] of Object.entries(value)) {
    const within = pathOfOdd(name) ?? pathOfOdd(part);
    if (within !== null) return [pathOfOdd(name) === null ? name : "", ...within];
  }
  return null;
}
