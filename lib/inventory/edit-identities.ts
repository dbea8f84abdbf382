import { record } from "../audit/record";
import { type Actor, actorId } from "../auth/actor";
import { authorizeReach } from "../auth/authorize";
import { type Tx, transaction } from "../db/client";
import { AppError } from "../errors";
import { enqueue } from "../jobs/enqueue";
import { now } from "../time";
import { assertOwner } from "./assert-owner";
import { assertOwned, readEdited } from "./identity-edit-queries";
import { type EditedIdentity, type PlannedEdit, planEdit, versionOf } from "./plan-identity-edit";
import type { EditIdentitiesInput } from "./schema";

/**
 * Says of identities who owns them, what they are for, where they run, how critical they are, or of what kind they are:
 * all of them or none, one event each. What a person says stays after the next sync. Somebody without the role may
 * edit what they own or back up.
 * @throws AppError `forbidden`, `not_found`, `invalid` (an owner that cannot be one), `conflict` (changed since the preview)
 */
export async function editIdentities(actor: Actor, input: EditIdentitiesInput): Promise<{ changed: number }> {
  const { change } = input;
  const ids = [...new Set(input.ids)].sort();
  const reach = await authorizeReach(actor, "identity:edit", {
    type: "identity",
    id: ids.length === 1 ? ids[0] : null,
  });
  return transaction(async (tx) => {
    // Locked in one order, so that two edits of the same identities wait for each other instead of deadlocking.
    await tx.$queryRaw`select id from identities where id = any(${ids}::uuid[]) order by id for update`;
    const identities = await readEdited(tx, ids);
    if (reach === "own") await assertOwned(actor, ids, identities);
    assertAllThere(ids, identities);
    if (input.version !== undefined && input.version !== versionOf(identities, change)) throw changedMeanwhile();
    await assertOwner(tx, change.ownerId, "change.ownerId");
    await assertOwner(tx, change.backupOwnerId, "change.backupOwnerId");
    const planned = planEdit(identities, change);
    for (const edit of planned) await apply(tx, actor, edit);
    if (planned.length > 0) await enqueue(tx, "refresh-facts", { connectionId: null }, { key: "refresh-facts" });
    return { changed: planned.length };
  });
}

function assertAllThere(ids: readonly string[], identities: readonly EditedIdentity[]): void {
  if (identities.length === ids.length) return;
  const gone = ids.length - identities.length;
  throw new AppError(
    "not_found",
    ids.length === 1 ? "This identity is gone." : `${gone} of these identities are gone.`,
    {
      remedy: "Read the list again and select once more.",
    },
  );
}

function changedMeanwhile(): AppError {
  return new AppError("conflict", "Somebody changed these identities meanwhile; nothing was changed here.", {
    remedy: "Look at the preview again and agree to it as it is now.",
  });
}

async function apply(tx: Tx, actor: Actor, { identity, changes }: PlannedEdit): Promise<void> {
  const { kind, environment, ...plain } = changes;
  await tx.identity.update({
    where: { id: identity.id },
    data: {
      ...plain,
      ...(kind === undefined ? {} : { kind, kindSetBy: actorId(actor), kindReason: `${actor.name} said so` }),
      ...(environment === undefined ? {} : { environment, environmentSetBy: actorId(actor) }),
      updatedAt: now(),
    },
    select: { id: true },
  });
  const before = Object.fromEntries(
    Object.keys(changes).map((field) => [field, identity[field as keyof EditedIdentity]]),
  );
  await record(tx, actor, {
    action: "identity.edited",
    target: { type: "identity", id: identity.id, name: identity.name },
    before,
    after: changes,
    details: { before, after: changes },
  });
}
