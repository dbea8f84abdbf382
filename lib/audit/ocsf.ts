import type { LoggedEvent } from "./leaf";

/** The version of the Open Cybersecurity Schema Framework whose classes the events are checked against. */
export const ocsfVersion = "1.9.0-dev";

const iam = 3;
const entityManagement = 3_004;

// The last word of an action, `noun.verb`, and the activity of the class that it is.
const activities: Record<number, readonly string[]> = {
  1: ["created", "create", "made", "added", "submitted", "imported", "connected"],
  2: ["read", "exported", "viewed", "collected", "export"],
  3: [
    "edited",
    "edit",
    "changed",
    "set",
    "extended",
    "renamed",
    "matched",
    "moved",
    "decided",
    "configured",
    "rotated",
  ],
  4: ["removed", "remove", "deleted", "erased"],
  8: ["enabled", "enable"],
  9: ["disabled", "disable", "revoked", "revoke", "turned_off"],
  10: ["began", "started", "activated"],
  11: ["ended", "finished", "cancelled", "withdrawn"],
};
const captions: Record<number, string> = {
  1: "Create",
  2: "Read",
  3: "Update",
  4: "Delete",
  8: "Enable",
  9: "Disable",
  10: "Activate",
  11: "Deactivate",
};
const outcomes: Record<string, { status: 1 | 2; severity: 1 | 3; words: string }> = {
  allowed: { status: 1, severity: 1, words: "Success" },
  denied: { status: 2, severity: 3, words: "Failure" },
  failed: { status: 2, severity: 3, words: "Failure" },
};

/** An event of the record as OCSF Entity Management (class 3004). What has no place there is in `unmapped`. Pure. */
export function ocsfOf(event: LoggedEvent, number: number, origin: string): Record<string, unknown> {
  const activity = activityOf(event.action);
  const { status, severity, words } = outcomes[event.outcome] ?? { status: 2, severity: 3, words: "Failure" };
  return {
    activity_id: activity,
    activity_name: captions[activity] ?? event.action,
    category_uid: iam,
    category_name: "Identity & Access Management",
    class_uid: entityManagement,
    class_name: "Entity Management",
    type_uid: entityManagement * 100 + activity,
    severity_id: severity,
    severity: severity === 1 ? "Informational" : "Medium",
    status_id: status,
    status: words,
    status_code: event.outcome,
    time: Date.parse(event.at),
    message: [event.actorName, event.action, event.targetName].filter(Boolean).join(" "),
    metadata: {
      version: ocsfVersion,
      uid: event.id,
      sequence: number,
      log_name: origin,
      event_code: event.action,
      original_time: event.at,
      ...(event.requestId ? { correlation_uid: event.requestId } : {}),
      product: { name: "Rollcall", vendor_name: "Rollcall" },
    },
    actor: actorOf(event),
    entity: entityOf(event),
    unmapped: unmappedOf(event),
  };
}

function activityOf(action: string): number {
  const verb = action.slice(action.lastIndexOf(".") + 1);
  const known = Object.entries(activities).find(([, verbs]) => verbs.includes(verb) || verbs.includes(lastWord(verb)));
  return known ? Number(known[0]) : 99;
}

function lastWord(verb: string): string {
  return verb.slice(verb.lastIndexOf("_") + 1);
}

function actorOf({ actorType, actorId, actorName }: LoggedEvent): object {
  if (actorType === "system") return { app_name: `Rollcall, ${actorName}` };
  const user = { name: actorName, ...(actorId ? { uid: actorId } : {}) };
  // 1 is a person, 3 a system, as the schema has them.
  return {
    user: { ...user, ...(actorType === "person" ? { type_id: 1, type: "User" } : { type_id: 3, type: "System" }) },
  };
}

function entityOf({ targetType, targetId, targetName }: LoggedEvent): object {
  const name = targetName ?? (targetId ? null : (targetType ?? "Rollcall"));
  return { type: targetType ?? "installation", ...(name ? { name } : {}), ...(targetId ? { uid: targetId } : {}) };
}

function unmappedOf(event: LoggedEvent): object {
  const { onBehalfOf, why, details, beforeDigest, afterDigest, erased } = event;
  const given = Object.entries({ onBehalfOf, why, details, beforeDigest, afterDigest, erased });
  return Object.fromEntries(given.filter(([, value]) => value !== null));
}
