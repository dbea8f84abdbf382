import type { Actor } from "../auth/actor";
import { refuse } from "../auth/authorize";
import { readIn, type Tx } from "../db/client";
import { AppError } from "../errors";
import { accessFacts, askedAccesses, factsOf, identityFacts } from "../grants/policy-facts";
import { decidePolicy, type PreparedPolicies } from "../policies/decide-policy";
import { type LockedRequest, targetOf } from "./move-request";

type Asking = {
  policies: PreparedPolicies;
  /** Whoever approves. */
  mine: string;
  step: string;
  given: { drop: readonly string[]; duration?: number | undefined };
  steppedUp: boolean;
};

/** The policies that let somebody approve, for the record. */
export type Allowed = { policies: string[]; policyVersion: number };

/**
 * Asks the policies whether somebody may approve what is left of a request, access by access.
 * @throws AppError `forbidden`, `conflict` (something of it is gone)
 */

export async function askToApprove(
  tx: Tx,
  actor: Actor,
  request: LockedRequest,
  { policies, mine, step, given, steppedUp }: Asking,
): Promise<Allowed> {
  const items = await tx.requestItem.findMany({ where: { requestId: request.id, droppedAt: null } });
  const kept = items.filter(({ id }) => !given.drop.includes(id));
  const accesses = await askedAccesses(kept, readIn(tx));
  if (accesses.length < kept.length)
    throw new AppError("conflict", "Something that was asked for is gone from its system.", {
      remedy: "Leave it out, or deny the request.",
    });
  const owners = accesses.flatMap(({ ownerId }) => (ownerId === null ? [] : [ownerId]));
  const people = await identityFacts(
    [mine, request.requesterId, request.subjectId, ...owners],
    policies.namedGroups,
    readIn(tx),
  );
  const allowing = new Set<string>();
  for (const access of accesses) {
    const decision = decidePolicy(policies, {
      action: "approve",
      principal: factsOf(people, mine),
      requester: factsOf(people, request.requesterId),
      subject: factsOf(people, request.subjectId),
      access: accessFacts(access, access.ownerId === null ? null : (people.get(access.ownerId) ?? null)),
      step,
      steppedUp,
      durationSeconds: given.duration ?? request.durationSeconds,
      breakGlass: request.breakGlass,
    });
    for (const id of decision.policies) allowing.add(id);
    if (!decision.allowed)
      await refuse(actor, "request:decide", targetOf(request), {
        message: `The policies do not let you approve this: ${decision.because}`,
        remedy: "Leave it to the others who were asked.",
      });
  }
  return { policies: [...allowing].sort(), policyVersion: policies.version };
}
