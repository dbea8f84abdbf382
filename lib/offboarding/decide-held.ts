import { z } from "zod";
import { identityOf } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { authorize, may } from "../auth/authorize";
import { rows } from "../db/client";
import { AppError } from "../errors";
import { cancelOffboarding, releaseOffboarding } from "./cancel-offboarding";

/** A run that the brake holds. */
export type HeldRun = {
  id: string;
  number: number;
  name: string;
  orderedBy: string;
  because: string | null;
  /** Ordered by the reader, so that somebody else lets it go on. */
  own: boolean;
};

// So many are decided on in one press.
const most = 100;

/** The runs that the brake holds, oldest first, at most 100 of them, and how many there are; none for whoever may not let them go on. */
export async function listHeld(actor: Actor): Promise<{ runs: HeldRun[]; count: number }> {
  if (!may(actor, "offboarding:release")) return { runs: [], count: 0 };
  const found = await rows<HeldRun & { count: number }>(
    `select o.id, o.number::int as number, i.name, o.ordered_by as "orderedBy", o.because,
       coalesce(o.ordered_by_identity_id = $1::uuid, false) as own, count(*) over ()::int as count
     from offboardings o join identities i on i.id = o.identity_id
     where o.state = 'paused_by_brake' order by o.id limit ${most}`,
    [identityOf(actor)],
  );
  return { runs: found.map(({ count: _, ...run }) => run), count: found[0]?.count ?? 0 };
}

export const decideHeldInput = z.strictObject({
  ids: z.array(z.uuid()).min(1).max(most),
  decision: z.enum(["release", "cancel"]),
  reason: z.string().trim().max(1_000).default(""),
});

export type HeldDecided = { done: number; refused: { id: string; message: string }[] };

/**
 * Lets several held runs go on, or none of them begin. Each in a transaction of its own: one that may not, or that is held
 * no longer, holds up none of the others.
 * @throws AppError `forbidden`
 */
export async function decideHeld(actor: Actor, input: z.input<typeof decideHeldInput>): Promise<HeldDecided> {
  const { ids, decision, reason } = decideHeldInput.parse(input);
  await authorize(actor, "offboarding:release");
  const refused: HeldDecided["refused"] = [];
  for (const id of new Set(ids)) {
    try {
      if (decision === "release") await releaseOffboarding(actor, { id, reason });
      else await cancelOffboarding(actor, { id, reason, why: "false_alarm" }, { onlyHeld: true });
    } catch (error) {
      if (!(error instanceof AppError) || ids.length === 1) throw error;
      refused.push({ id, message: error.message });
    }
  }
  return { done: new Set(ids).size - refused.length, refused };
}
