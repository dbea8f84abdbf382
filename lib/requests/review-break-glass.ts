import { z } from "zod";
import { identityOf } from "../access/own-identities";
import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorizeReach, refuse } from "../auth/authorize";
import { readIn, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { AppError } from "../errors";
import { currentPolicies } from "../policies/current-policies";
import { resolveApprovers } from "./resolve-approvers";

export const reviewBreakGlassInput = z.strictObject({
  id: z.uuid(),
  opinion: z.enum(["justified", "not_justified"]),
  comment: z.string().trim().min(3, "say what you looked at").max(4_000),
});

/**
 * One reviewer's opinion of a break-glass, owed within its time; with the second the debt is paid. Nobody reviews their
 * own, nobody in another's place, and a person counts once.
 * @throws AppError `not_found`, `forbidden`, `conflict`
 */
export async function reviewBreakGlass(
  actor: Actor,
  input: z.input<typeof reviewBreakGlassInput>,
): Promise<{ id: string; closed: boolean }> {
  const { id, opinion, comment } = reviewBreakGlassInput.parse(input);
  const target = { type: "break_glass_review", id };
  await authorizeReach(actor, "break_glass:review", target);
  const mine = identityOf(actor);
  if (mine === null)
    return refuse(actor, "break_glass:review", target, {
      message: "Only a person of the inventory judges a break-glass.",
      remedy: "Sign in as whoever was asked, or use a token that acts as them.",
    });
  const { rules } = await currentPolicies();
  return transaction(async (tx) => {
    await tx.$queryRaw`select 1 from break_glass_reviews where id = ${id}::uuid for update`;
    const review = await tx.breakGlassReview.findUnique({ where: { id } });
    if (!review) throw new AppError("not_found", "There is no such review.", { field: "id" });
    if (review.closedAt)
      throw new AppError("conflict", "This review is closed already.", { remedy: "Reload the page." });
    const at = await clockOf(tx);
    const owners = await tx.$queryRaw<{ id: string }[]>`
      select distinct coalesce(r.owner_id, c.owner_id) as id from request_items i join connections c on c.id = i.connection_id
      left join entitlements e on e.id = i.entitlement_id left join resources r on r.id = e.resource_id
      where i.request_id = ${review.grantRequestId}::uuid and coalesce(r.owner_id, c.owner_id) is not null`;
    const concerned = { requesterId: review.subjectId, subjectId: review.subjectId };
    const who = { who: rules.breakGlass.reviewers, prefer: null };
    const reviewers = await Promise.all(
      [null, ...owners.map((owner) => owner.id)].map((ownerId) =>
        resolveApprovers({ ...who, ownerId }, concerned, at, readIn(tx)),
      ),
    );
    // In their own right: else one reviewer would have two opinions, their own and that of whoever stands in for them.
    if (!reviewers.flat().some(({ identityId, onBehalfOf }) => identityId === mine && onBehalfOf === null))
      return refuse(actor, "break_glass:review", target, {
        message:
          mine === review.subjectId ? "Nobody reviews their own break-glass." : "This review is not asked of you.",
        remedy: "It is asked of the owners and of security.",
      });
    const known = await tx.breakGlassOpinion.count({ where: { reviewId: id, identityId: mine } });
    if (known > 0)
      throw new AppError("conflict", "You have said what you think of it already.", {
        remedy: "It waits for somebody else.",
      });
    await tx.breakGlassOpinion.create({ data: { reviewId: id, identityId: mine, opinion, comment, at } });
    const opinions = await tx.breakGlassOpinion.findMany({ where: { reviewId: id }, select: { opinion: true } });
    const closed = opinions.length >= review.needed;
    const outcome = opinions.every((it) => it.opinion === "justified") ? "justified" : "not_justified";
    if (closed) await tx.breakGlassReview.update({ where: { id }, data: { closedAt: at, outcome } });
    await record(tx, actor, {
      action: closed ? "break_glass.reviewed" : "break_glass.opinion_given",
      target,
      details: { opinion, comment, outcome: closed ? outcome : null, requestId: review.grantRequestId },
    });
    return { id, closed };
  });
}
