import { z } from "zod";
import type { Actor } from "../auth/actor";
import { authorizeReach } from "../auth/authorize";
import { beginPresence } from "../auth/prove-presence";

export const beginDecisionInput = z.strictObject({ id: z.uuid() });

/** Asks the caller's device to prove that they are there, for the approval of exactly this request. @throws AppError `forbidden` */
export async function beginDecision(actor: Actor, { id }: z.output<typeof beginDecisionInput>) {
  await authorizeReach(actor, "request:decide", { type: "request", id });
  return beginPresence(actor, `decide ${id} approve`);
}
