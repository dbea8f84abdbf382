import { type EventTarget, recordAttempt } from "../audit/record";
import { AppError } from "../errors";
import type { Actor } from "./actor";
import { own, type Permission, permissions, scopesCarry } from "./permissions";

/** How far an actor may go with an action: on anything, on what is theirs, or not at all. */
export type Reach = "all" | "own" | "none";

/** How far may `actor` go with `permission`? Pure. */
export function reachOf(actor: Actor, permission: Permission): Reach {
  if (actor.type === "system") return "all";
  if (actor.type === "workload") return scopesCarry(actor.scopes, permission) ? "all" : "none";
  if (actor.scopes !== null && !scopesCarry(actor.scopes, permission)) return "none";
  if (permissions[permission].some((role) => actor.roles.includes(role))) return "all";
  return (own as readonly Permission[]).includes(permission) ? "own" : "none";
}

/** May `actor` do this on anything? Pure; for showing or hiding a button, never instead of `authorize`. */
export function may(actor: Actor, permission: Permission): boolean {
  return reachOf(actor, permission) === "all";
}

/**
 * Refuses unless `actor` may do `permission` at least on what is theirs; the caller narrows when the answer is `own`.
 * A refusal is an audit event on a transaction of its own, written before the error is thrown.
 * @throws AppError `forbidden`
 */
export async function authorizeReach(
  actor: Actor,
  permission: Permission,
  target?: EventTarget,
): Promise<"all" | "own"> {
  const reach = reachOf(actor, permission);
  if (reach === "none") return refuse(actor, permission, target);
  return reach;
}

/**
 * Refuses unless `actor` may do `permission` on anything.
 * @throws AppError `forbidden`
 */
export async function authorize(actor: Actor, permission: Permission, target?: EventTarget): Promise<void> {
  if (reachOf(actor, permission) !== "all") await refuse(actor, permission, target);
}

/**
 * Records the refusal and throws it. For commands that found out later that the thing is not the actor's own, or that
 * refuse for a reason of their own, which they give in `words`.
 */
export async function refuse(
  actor: Actor,
  permission: Permission,
  target?: EventTarget,
  words?: { message: string; remedy: string },
): Promise<never> {
  await recordAttempt(actor, { action: permission.replace(":", "."), target, outcome: "denied", why: { permission } });
  if (words) throw new AppError("forbidden", words.message, { remedy: words.remedy });
  const needed = permissions[permission].join(", ");
  const because = needed
    ? `it needs the role ${needed.replace(/, ([^,]*)$/, " or $1")}`
    : "no role may do it on others";
  throw new AppError("forbidden", `You may not do this: ${because}.`, {
    remedy: "Ask an administrator for the role, or somebody who has it to do this for you.",
  });
}
