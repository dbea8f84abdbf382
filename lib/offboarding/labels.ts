import type { Disposition, ItemKind, StepKind } from "./schema";

export const stepKindLabels = {
  sign_in: "Sign-in here",
  account: "Account",
  credential: "Credential",
  grant: "Grant",
  access: "Access",
  deletion: "Deletion",
} as const satisfies Record<StepKind, string>;

export const itemKindLabels = {
  owned_identity: "Owns the machine",
  backup_owner: "Backup owner of",
  owned_connection: "Owns the system",
  owned_resource: "Owns the resource",
  created_identity: "Made the machine",
  created_connection: "Connected the system",
  report: "Manages",
  request: "Asked for",
  approval: "Decides on",
  delegation: "Delegation",
  hand_task: "Task by hand",
  token: "Token",
  policy: "Named by the policy",
  caller: "Still called from",
} as const satisfies Record<ItemKind, string>;

export const dispositionLabels = {
  hand_over: "Hand over",
  revoke: "Revoke",
  cancel: "Cancel",
  keep: "Keep for a time",
} as const satisfies Record<Disposition, string>;

/** What a disposition is called for this kind of thing. */
export function dispositionWords(kind: ItemKind, disposition: Disposition): string {
  if ((kind === "owned_identity" || kind === "created_identity") && disposition === "revoke") return "Retire it too";
  if (kind === "caller" && disposition === "cancel") return "Let it break";
  if (kind === "backup_owner" && disposition === "cancel") return "Have none";
  return dispositionLabels[disposition];
}

/** Why a run was started. */
export const causeLabels: Record<string, string> = {
  person: "by a person",
  program: "by a program",
  source: "by a change in an identity source",
  restored: "again, after a restore from an older backup",
};
