import type { EndingKind } from "../audit/schema";
import type { EndingState } from "./schema";

/** What each kind of thing that was taken back is called. */
export const endingKindLabels = {
  person: "Sign-in of a person",
  roles: "Roles of a person",
  token: "API token",
  passkey: "Passkey",
  leaving: "Leaving",
  grant: "Grant",
  request: "Request",
  delegation: "Delegation",
  connection: "Connection",
  channel: "Channel",
  destination: "Destination of the record",
  by_hand: "For a person",
} as const satisfies Record<EndingKind, string>;

/** What became of it. */
export const endingStateLabels = {
  waiting: "Waiting",
  taken: "Taken back again",
  already: "Was so already",
  unknown: "Not known here",
  overtaken: "Passed over",
  by_hand: "For a person",
  failed: "Could not be done",
} as const satisfies Record<EndingState, string>;

const doubtLabels = {
  unreadable: "cannot be read",
  foreign: "of another log",
  forged: "not written by this installation, or changed",
  gap: "behind which lines are missing",
} as const;

/** Lines of a journal that are not believed, in words; empty where there are none. Pure. */
export function doubtWords(
  doubts: Partial<Record<keyof typeof doubtLabels, { count: number; places: number[] }>>,
): string {
  const parts = Object.entries(doubtLabels).flatMap(([why, words]) => {
    const found = doubts[why as keyof typeof doubtLabels];
    if (!found) return [];
    const more = found.count > found.places.length ? " …" : "";
    const lines = found.count === 1 ? "line" : "lines";
    return [`${lines} ${found.places.join(", ")}${more} ${words}`];
  });
  return parts.join("; ");
}

/** How many of its endings came to what, in words. Pure. */
export function countWords(endings: Partial<Record<EndingState, number>>): string {
  const parts = Object.entries(endingStateLabels).flatMap(([state, label]) => {
    const count = endings[state as EndingState];
    return count ? [`${count} ${label.charAt(0).toLowerCase()}${label.slice(1)}`] : [];
  });
  return parts.join(", ") || "nothing had been taken back since";
}

const remedies: Record<string, string> = {
  "connection.edited": "Its settings were changed since: look whether what was entered then must be entered again.",
  "channel.edited": "It was changed since: look whether it sends to the right place.",
  "channel.secret_rotated": "Its signing secret was replaced since: replace it again, and tell the receiver.",
  "channel.turned_off": "It was turned off since, because its receiver wanted no more.",
  "match_rule.deleted": "A rule of matching was deleted since: delete it again.",
  "record.erased": "Somebody's data was erased from the record since: erase it again (rollcall audit erase).",
  "record.key_rotated":
    "The record's key was replaced since, and the one before is back: replace it (rollcall audit rotate-key).",
};

/** What a person is to do again, which cannot be done from outside. */
export function remedyOf(action: string): string {
  return remedies[action] ?? "It was taken back since: look whether that must be done again.";
}
