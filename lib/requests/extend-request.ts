import { identityOf } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { authorize, refuse } from "../auth/authorize";
import { db } from "../db/client";
import { clockOf } from "../db/clock";
import { AppError } from "../errors";
import { ways } from "../grants/schema";
import { assertLasts, assertNoneWaits } from "./lock-extended";
import { type ExtendRequestInput, extendRequestInput } from "./schema";
import { type SubmittedRequest, submit } from "./submit-request";

/**
 * Asks that a grant lasts longer, while it lasts: with the approvals that the policies name, and without a gap, because
 * nothing is taken in between. Later than its end is a new request.
 * @throws AppError `not_found`, `forbidden`, `conflict` (over, or asked already), `invalid`
 */
export async function extendRequest(actor: Actor, input: ExtendRequestInput): Promise<SubmittedRequest> {
  const { grantId, duration, reason, ticket } = extendRequestInput.parse(input);
  await authorize(actor, "request:create");
  const grant = await db().grant.findUnique({ where: { id: grantId } });
  if (!grant) throw new AppError("not_found", "There is no such grant.", { field: "grantId" });
  const mine = identityOf(actor);
  const first = grant.requestId
    ? await db().request.findUnique({ where: { id: grant.requestId }, select: { requesterId: true } })
    : null;
  if (mine === null || (grant.subjectId !== mine && first?.requesterId !== mine))
    return refuse(
      actor,
      "request:create",
      { type: "grant", id: grantId },
      {
        message: "You may ask for more time on grants of your own, and on those you asked for.",
        remedy: "Ask whoever holds it to extend it.",
      },
    );
  assertLasts(grant, await clockOf(db()));
  await assertNoneWaits(db(), grantId);
  const give = ways.find((way) => way === grant.give) ?? "assignment";
  const account = grant.accountId && give === "assignment" ? { account: grant.accountId } : {};
  return submit(actor, {
    for: grant.subjectId,
    items: [
      {
        connection: grant.connectionId,
        permission: grant.permission,
        resource: { type: grant.resourceType, id: grant.resourceExternalId },
        ...account,
      },
    ],
    reason,
    ticket,
    duration,
    give,
    breakGlass: false,
    extends: grantId,
  });
}
