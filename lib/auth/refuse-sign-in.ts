import { recordAttempt } from "../audit/record";
import { AppError } from "../errors";
import { system } from "./actor";
import type { AuthenticatedBy } from "./session";
import type { Visitor } from "./visitor";

/**
 * Records that a sign-in was refused, on a transaction of its own, and throws `error` on. What is no refusal but a
 * fault of ours passes without a record.
 */
export async function refuseSignIn(
  visitor: Visitor,
  by: AuthenticatedBy,
  error: unknown,
  whom?: { id: string; name: string | null },
): Promise<never> {
  if (error instanceof AppError && error.code !== "unavailable") {
    await recordAttempt(system("sign-in", visitor.requestId), {
      action: "session.refused",
      outcome: "failed",
      target: whom ? { type: "person", id: whom.id, name: whom.name } : undefined,
      why: { message: error.message },
      details: { authenticatedBy: by, ip: visitor.ip },
    });
  }
  throw error;
}
