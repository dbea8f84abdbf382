import type { ListDefinition } from "../lists/schema";
import { type GrantState, grantStates } from "./states";

/** What a state of a grant is called on the screen. */
export const grantStateLabels = {
  scheduled: "Scheduled",
  activating: "Activating",
  active: "Active",
  ending: "Ending",
  ended: "Ended",
  activation_failed: "Giving failed",
  ending_failed: "Ending failed",
  resurrected: "Came back",
} as const satisfies Record<GrantState, string>;

export const wayLabels = { assignment: "own account", credential: "short-lived credential" } as const;

export const driftLabels = { taken_away: "taken away by hand", came_back: "came back by hand" } as const;

const units = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
  [1, "s"],
] as const;

/** "45 s", "30 min", "1 h 12 min", "3 d": a length of access, in its two largest units. */
export function durationWords(seconds: number): string {
  // The seconds of what lasts long tell nobody anything.
  const whole = seconds < 600 ? Math.max(1, Math.round(seconds)) : Math.round(seconds / 60) * 60;
  const first = units.findIndex(([unit]) => whole >= unit);
  const [unit, name] = units[first] ?? units[3];
  const [smaller, smallerName] = units[first + 1] ?? [unit, name];
  const rest = Math.floor((whole % unit) / smaller);
  return `${Math.floor(whole / unit)} ${name}${rest > 0 ? ` ${rest} ${smallerName}` : ""}`;
}

/** What a step of a receipt is called on the screen. */
export const receiptLabels = {
  ordered: "Ordered",
  asked_to_confirm: "Waits to be confirmed",
  confirmed: "Confirmed",
  found_standing: "Stood there already",
  done: "Done",
  read_back: "Read back",
  expiry_set: "End set in the system",
  delivered: "Secret handed out",
  extended: "Extended",
  failed: "Failed",
  end_ordered: "End ordered",
  kept: "Kept by another justification",
  taken: "Taken",
  sessions_ended: "Sessions ended",
  proven: "Proven gone",
  left_standing: "Left standing",
  taken_away_by_hand: "Taken away by hand",
  came_back: "Came back",
} as const;

/** Every grant: access that is given for a time. */
export const grantList: ListDefinition = {
  page: "grants",
  noun: { one: "grant", many: "grants" },
  fields: [
    {
      name: "state",
      label: "State",
      kind: "choice",
      options: grantStates.map((value) => ({ value, label: grantStateLabels[value] })),
      column: "state",
      description: `States of grants, separated by commas; with ! all others: ${grantStates.join(", ")}.`,
    },
    {
      name: "connection",
      label: "System",
      kind: "reference",
      column: "connection",
      description: "Names or ids of connections.",
    },
    {
      name: "give",
      label: "Given as",
      kind: "choice",
      options: Object.entries(wayLabels).map(([value, label]) => ({ value, label })),
      description: "assignment (to an account of one's own) or credential (short-lived).",
    },
    { name: "breakGlass", label: "Break-glass", kind: "flag", description: "true: given at once in an emergency." },
    { name: "mine", label: "Mine", kind: "flag", description: "true: held by the caller." },
    {
      name: "drift",
      label: "Changed by hand",
      kind: "flag",
      description: "true: changed by hand in the system meanwhile.",
    },
    {
      name: "ends",
      label: "Ends",
      kind: "time",
      words: ["by", "after"],
      ahead: true,
      description: "Live and ends by then, or with ! after then: a date, or days ahead as +1d.",
    },
    {
      name: "made",
      label: "Made",
      kind: "time",
      words: ["since", "before"],
      description: "Since then, or with ! before then.",
    },
  ],
  columns: [
    { name: "access", label: "Access", shown: true },
    { name: "subject", label: "Held by", shown: true },
    { name: "connection", label: "System", shown: true },
    { name: "state", label: "State", shown: true },
    { name: "privilege", label: "Privilege", shown: true },
    { name: "give", label: "Given as", shown: false },
    { name: "request", label: "Request", shown: true },
    { name: "made", label: "Made", shown: false, sort: "made", align: "end" },
    { name: "ends", label: "Ends", shown: true, sort: "ends", align: "end" },
  ],
  sorts: ["made", "ends"],
  defaultSort: "-made",
};
