import { digestOf, record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { type Db, db, transaction } from "../db/client";
import { AppError } from "../errors";
import { assertOwner } from "./assert-owner";
import type { EditPreview } from "./identity-edit-queries";
import type { SetResourceOwnerInput } from "./schema";

/**
 * Says who answers for resources: they decide on access to them and may end it. All of them or none, one event each;
 * no sync changes it.
 * @throws AppError `forbidden`, `not_found`, `invalid` (an owner that cannot be one), `conflict` (changed since the preview)
 */
export async function setResourceOwner(actor: Actor, input: SetResourceOwnerInput): Promise<{ changed: number }> {
  const { ownerId } = input;
  const ids = [...new Set(input.ids)].sort();
  await authorize(actor, "resource:edit", { type: "resource", id: ids.length === 1 ? ids[0] : null });
  return transaction(async (tx) => {
    // Locked in one order, so that two of these wait for each other instead of deadlocking.
    await tx.$queryRaw`select id from resources where id = any(${ids}::uuid[]) order by id for update`;
    const found = await readOwned(tx, ids);
    if (found.length < ids.length) throw gone(ids.length);
    if (input.version !== undefined && input.version !== versionOf(found))
      throw new AppError("conflict", "Somebody changed these resources meanwhile; nothing was changed here.", {
        remedy: "Look at the preview again and agree to it as it is now.",
      });
    await assertOwner(tx, ownerId, "ownerId");
    const changed = found.filter((one) => one.ownerId !== ownerId);
    await tx.resource.updateMany({ where: { id: { in: changed.map((one) => one.id) } }, data: { ownerId } });
    for (const one of changed)
      await record(tx, actor, {
        action: "resource.edited",
        target: { type: "resource", id: one.id, name: one.name },
        before: { ownerId: one.ownerId },
        after: { ownerId },
        details: { before: { ownerId: one.ownerId }, after: { ownerId } },
      });
    return { changed: changed.length };
  });
}

/** What setting the owner would replace, before it does. @throws AppError `forbidden` */
export async function previewResourceOwner(actor: Actor, input: SetResourceOwnerInput): Promise<EditPreview> {
  await authorize(actor, "resource:edit", { type: "resource" });
  const found = await readOwned(db(), [...new Set(input.ids)]);
  const changed = found.filter((one) => one.ownerId !== input.ownerId);
  const counts = new Map<string, number>();
  for (const { ownerName } of changed) counts.set(ownerName, (counts.get(ownerName) ?? 0) + 1);
  const sorted = [...counts].sort((one, other) => other[1] - one[1]);
  const rest = sorted.slice(5).reduce((sum, [, count]) => sum + count, 0);
  return {
    version: versionOf(found),
    changes: changed.length,
    unchanged: found.length - changed.length,
    effects: [
      ...sorted.slice(0, 5).map(([name, count]) => ({ what: `${count} now: ${name}`, detail: "replaced" })),
      ...(rest > 0 ? [{ what: `${rest} now: somebody else`, detail: "replaced" }] : []),
    ],
  };
}

type Owned = { id: string; name: string; ownerId: string | null; ownerName: string };

async function readOwned(from: Db, ids: readonly string[]): Promise<Owned[]> {
  const found = await from.resource.findMany({
    where: { id: { in: [...ids] }, removedAt: null },
    select: { id: true, name: true, ownerId: true, owner: { select: { name: true } } },
  });
  return found.map(({ owner, ...row }) => ({ ...row, ownerName: owner?.name ?? "no owner" }));
}

function versionOf(found: readonly Owned[]): string {
  return digestOf([...found].sort((one, other) => (one.id < other.id ? -1 : 1)).map((one) => [one.id, one.ownerId]));
}

function gone(asked: number): AppError {
  return new AppError("not_found", asked === 1 ? "This resource is gone." : "Some of these resources are gone.", {
    remedy: "Read the list again and select once more.",
  });
}
