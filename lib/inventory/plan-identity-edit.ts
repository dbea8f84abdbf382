import { digestOf } from "../audit/record";
import type { IdentityKind } from "../connectors/schema";
import type { Criticality, Environment, IdentityChange } from "./schema";

/** What an edit looks at of one identity. */
export type EditedIdentity = {
  id: string;
  name: string;
  kind: IdentityKind;
  ownerId: string | null;
  ownerName: string | null;
  backupOwnerId: string | null;
  backupOwnerName: string | null;
  purpose: string | null;
  environment: Environment | null;
  criticality: Criticality | null;
};

export type EditableField = keyof IdentityChange;
export const editableFields = ["ownerId", "backupOwnerId", "purpose", "environment", "criticality", "kind"] as const;

export type PlannedEdit = { identity: EditedIdentity; changes: Partial<IdentityChange> };

/**
 * What a change does to each identity; those it leaves as they are do not come. People answer for themselves: an owner
 * is not set for them. Pure.
 */
export function planEdit(identities: readonly EditedIdentity[], change: IdentityChange): PlannedEdit[] {
  return identities
    .map((identity) => ({ identity, changes: changesOf(identity, change) }))
    .filter((edit) => Object.keys(edit.changes).length > 0);
}

function changesOf(identity: EditedIdentity, change: IdentityChange): Partial<IdentityChange> {
  const person = identity.kind === "human";
  const entries = editableFields
    .filter((field) => change[field] !== undefined && change[field] !== identity[field])
    .filter((field) => !(person && (field === "ownerId" || field === "backupOwnerId")))
    .map((field) => [field, change[field]]);
  return Object.fromEntries(entries);
}

/** Stands for how the identities were when somebody agreed to an edit; another version means another state. */
export function versionOf(identities: readonly EditedIdentity[], change: IdentityChange): string {
  const fields = editableFields.filter((field) => change[field] !== undefined);
  const facts = [...identities]
    .sort((one, other) => (one.id < other.id ? -1 : 1))
    .map((identity) => [identity.id, ...fields.map((field) => identity[field])]);
  return digestOf(facts);
}
