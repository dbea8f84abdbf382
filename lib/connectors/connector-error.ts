import type { ConnectorErrorCode } from "./schema";

/** What a verb throws. `retryable`: the same call may work later, with nothing changed by a person. */
export class ConnectorError extends Error {
  readonly code: ConnectorErrorCode;
  readonly retryable: boolean;
  /** What to do about it, as a sentence. */
  readonly remedy: string;
  /** The object it concerns in the system's own terms: a host, a table, a row of a file. */
  readonly object: string | null;
  readonly retryAfterMs: number | null;

  constructor(
    code: ConnectorErrorCode,
    message: string,
    facts: { remedy: string; object?: string; retryable?: boolean; retryAfterMs?: number; cause?: unknown },
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = "ConnectorError";
    this.code = code;
    this.remedy = facts.remedy;
    this.object = facts.object ?? null;
    this.retryable = facts.retryable ?? ["unreachable", "timeout", "busy"].includes(code);
    this.retryAfterMs = facts.retryAfterMs ?? null;
  }
}
