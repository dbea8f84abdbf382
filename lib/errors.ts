/** Why a call was refused, in a word that other programs may rely on. */
export type ErrorCode =
  | "invalid"
  | "unauthenticated"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "limited"
  | "unavailable";

/** The HTTP status of each code (RFC 9110, section 15). */
export const statusOfCode = {
  invalid: 422,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  limited: 429,
  unavailable: 503,
} as const satisfies Record<ErrorCode, number>;

export type ErrorFacts = {
  /** The field of the input that is wrong, in dotted form. */
  field?: string;
  /** What the reader can do about it, as a sentence. */
  remedy?: string;
  /** After how many seconds another try makes sense. */
  retryAfterSeconds?: number;
  cause?: unknown;
};

/**
 * A refusal that may be shown to whoever called. Anything else that is thrown is a bug: it is logged with a reference
 * and only the reference is shown.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly remedy: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = "AppError";
    this.code = code;
    this.field = facts.field;
    this.remedy = facts.remedy;
    this.retryAfterSeconds = facts.retryAfterSeconds;
  }
}

/** A refusal as it travels to a browser. `reference` finds the log entry of what was no refusal but a bug. */
export type Refusal = {
  code: ErrorCode | "bug";
  message: string;
  field?: string;
  remedy?: string;
  retryAfterSeconds?: number;
  reference?: string;
};

/** What a server action answers. */
export type ActionResult<Value> = { ok: true; value: Value } | { ok: false; refusal: Refusal };

/** The message of whatever was thrown, for a log or a wrapped error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
