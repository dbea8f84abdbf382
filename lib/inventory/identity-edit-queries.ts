import { identityOf } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { authorizeReach, refuse } from "../auth/authorize";
import type { IdentityKind } from "../connectors/schema";
import { type Db, db } from "../db/client";
import { criticalityLabels, environmentLabels, kindLabels } from "./labels";
import { type EditableField, type EditedIdentity, editableFields, planEdit, versionOf } from "./plan-identity-edit";
import type { Criticality, EditIdentitiesInput, Environment } from "./schema";

export type EditPreview = {
  /** Given to the edit, it holds what was agreed to. */
  version: string;
  /** How many identities will change. */
  changes: number;
  /** How many are left as they are: they have the value already, or are people where an owner is set. */
  unchanged: number;
  /** What is replaced, a line each: "2 have no owner". */
  effects: { what: string; detail: string }[];
};

/** What an edit would do, before it does it. */
export async function previewIdentityEdit(actor: Actor, input: EditIdentitiesInput): Promise<EditPreview> {
  const reach = await authorizeReach(actor, "identity:edit", { type: "identity" });
  const identities = await readEdited(db(), input.ids);
  if (reach === "own") await assertOwned(actor, input.ids, identities);
  const planned = planEdit(identities, input.change);
  const field = editableFields.find((one) => input.change[one] !== undefined) ?? "purpose";
  return {
    version: versionOf(identities, input.change),
    changes: planned.length,
    unchanged: input.ids.length - planned.length,
    effects: effectsOf(
      planned.map((edit) => edit.identity),
      field,
    ),
  };
}

/** The identities of an edit that are still there, as they are now. */
export async function readEdited(from: Db, ids: readonly string[]): Promise<EditedIdentity[]> {
  const found = await from.identity.findMany({
    where: { id: { in: [...ids] }, removedAt: null },
    select: {
      id: true,
      name: true,
      kind: true,
      ownerId: true,
      owner: { select: { name: true } },
      backupOwnerId: true,
      backupOwner: { select: { name: true } },
      purpose: true,
      environment: true,
      criticality: true,
    },
  });
  return found.map(({ owner, backupOwner, ...row }) => ({
    ...row,
    // The database checks these three.
    kind: row.kind as IdentityKind,
    environment: row.environment as Environment | null,
    criticality: row.criticality as Criticality | null,
    ownerName: owner?.name ?? null,
    backupOwnerName: backupOwner?.name ?? null,
  }));
}

/**
 * Refuses unless the actor owns or backs up every one. What is not there and what is not theirs look the same to somebody
 * who may not see it.
 */
export async function assertOwned(
  actor: Actor,
  ids: readonly string[],
  identities: readonly EditedIdentity[],
): Promise<void> {
  const me = identityOf(actor);
  const owned = identities.filter((one) => me !== null && (one.ownerId === me || one.backupOwnerId === me));
  if (owned.length < ids.length)
    await refuse(actor, "identity:edit", { type: "identity", id: ids.length === 1 ? ids[0] : null });
}

function effectsOf(identities: readonly EditedIdentity[], field: EditableField): EditPreview["effects"] {
  const counts = new Map<string, number>();
  for (const identity of identities) {
    const before = wordsOf(identity, field);
    counts.set(before, (counts.get(before) ?? 0) + 1);
  }
  const sorted = [...counts].sort((one, other) => other[1] - one[1]);
  const effects = sorted
    .slice(0, 5)
    .map(([before, count]) => ({ what: `${count} now: ${before}`, detail: "replaced" }));
  const rest = sorted.slice(5).reduce((sum, [, count]) => sum + count, 0);
  return rest > 0 ? [...effects, { what: `${rest} now: something else`, detail: "replaced" }] : effects;
}

function wordsOf(identity: EditedIdentity, field: EditableField): string {
  if (field === "ownerId") return identity.ownerName ?? "no owner";
  if (field === "backupOwnerId") return identity.backupOwnerName ?? "no backup owner";
  if (field === "kind") return kindLabels[identity.kind];
  if (field === "environment") return identity.environment ? environmentLabels[identity.environment] : "not set";
  if (field === "criticality") return identity.criticality ? criticalityLabels[identity.criticality] : "not set";
  return identity.purpose ?? "not set";
}
