import { identityOf, isOwnIdentity } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { authorizeReach, refuse } from "../auth/authorize";
import type { Permission } from "../auth/permissions";
import type { IdentityKind } from "../connectors/schema";
import { rows } from "../db/client";
import { AppError } from "../errors";

/** Who is to leave. */
export type Leaver = {
  id: string;
  name: string;
  kind: IdentityKind;
  email: string | null;
  status: string;
  managerId: string | null;
  ownerId: string | null;
};

/**
 * The identity that somebody means by its id, its e-mail address or its name.
 * @throws AppError `not_found`, `invalid` (several have this name)
 */
export async function findLeaver(word: string): Promise<Leaver> {
  const found = await rows<Leaver>(
    `select id, name, kind, email, status, manager_id as "managerId", owner_id as "ownerId" from identities
     where (id::text = $1 or lower(email) = lower($1) or name = $1) and (removed_at is null or id::text = $1)
     order by (id::text = $1) desc, (lower(email) = lower($1)) desc nulls last limit 3`,
    [word],
  );
  const [first, second] = found;
  if (!first) {
    throw new AppError("not_found", "There is no such identity.", {
      field: "identity",
      remedy: "Give its id, its e-mail address or its whole name.",
    });
  }
  const isExact = first.id === word || first.email?.toLowerCase() === word.toLowerCase();
  if (second && !isExact) {
    throw new AppError("invalid", `Several identities are called ${word}.`, {
      field: "identity",
      remedy: "Give the id or the e-mail address.",
    });
  }
  return first;
}

/**
 * Refuses unless the actor may do this with the leaving of that identity: on anybody by their role, or as manager or
 * owner, and then never with their own.
 * @throws AppError `forbidden`
 */
export async function authorizeLeaving(
  actor: Actor,
  permission: Permission,
  { id, name }: { id: string; name: string },
): Promise<void> {
  const target = { type: "identity", id, name };
  const reach = await authorizeReach(actor, permission, target);
  if (reach === "all") return;
  if (id !== identityOf(actor) && (await isOwnIdentity(actor, id))) return;
  await refuse(actor, permission, target, {
    message: `You may not do this: ${name} neither reports to you, nor do you own it.`,
    remedy: "Ask their manager, its owner, or security.",
  });
}
