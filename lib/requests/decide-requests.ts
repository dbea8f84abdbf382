import type { Actor } from "../auth/actor";
import { AppError } from "../errors";
import { decideRequest } from "./decide-request";
import { type DecideRequestsInput, decideRequestsInput } from "./schema";

/**
 * The same answer to many requests; each in a transaction of its own, so that one that cannot be decided like that, or
 * that asks for a passkey, holds up no other.
 */
export async function decideRequests(
  actor: Actor,
  input: DecideRequestsInput,
): Promise<{ decided: number; refused: { id: string; message: string }[] }> {
  const { ids, decision, comment } = decideRequestsInput.parse(input);
  const refused: { id: string; message: string }[] = [];
  for (const id of ids) {
    try {
      await decideRequest(actor, { id, decision, comment });
    } catch (error) {
      // Of one alone the refusal itself is the answer.
      if (!(error instanceof AppError) || ids.length === 1) throw error;
      refused.push({ id, message: error.message });
    }
  }
  return { decided: ids.length - refused.length, refused };
}
