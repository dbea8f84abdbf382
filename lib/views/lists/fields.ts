import { lastUseLabels } from "../../inventory/labels";
import type { ListField } from "../../lists/schema";

// Filters that several lists of the inventory have. They reach the browser: nothing heavier than words is imported.

/** The labels of a closed set as the options of a filter. */
export const optionsOf = (labels: Record<string, string>) =>
  Object.entries(labels).map(([value, label]) => ({ value, label }));
export const noneOption = { value: "none", label: "not set" };
export const sinceWords = ["since", "before"] as const;

export const connectionField: ListField = {
  name: "connection",
  label: "System",
  kind: "reference",
  column: "connection",
  description: "Names or ids of connections.",
};
/** Whose it is; `description` says what the words mean in this list. */
export const ownerField = (description: string): ListField => ({
  name: "owner",
  label: "Owner",
  kind: "reference",
  search: true,
  options: [
    { value: "none", label: "nobody" },
    { value: "me", label: "me" },
  ],
  column: "owner",
  description,
});
export const lastUseField: ListField = {
  name: "lastUse",
  label: "Last use",
  kind: "choice",
  options: optionsOf(lastUseLabels),
  description: "used, not_used or unknown.",
};
export const unusedField: ListField = {
  name: "unusedSince",
  label: "Unused",
  kind: "time",
  fixed: true,
  words: ["since", "since"],
  description: "Known not to have been used since then: a date, or days back as 90d. Unknown use is never unused.",
};
export const firstSeenField: ListField = {
  name: "firstSeen",
  label: "First seen",
  kind: "time",
  words: sinceWords,
  description: "Since then, or with ! before then: a date, or days back as 7d.",
};
