import {
  credentialAgeLabels,
  credentialEndingLabels,
  credentialKindLabels,
  credentialStatusLabels,
} from "../../inventory/labels";
import type { ListDefinition } from "../../lists/schema";
import { connectionField, firstSeenField, lastUseField, optionsOf, sinceWords, unusedField } from "./fields";

/** Every credential: what proves an account. */
export const credentialList: ListDefinition = {
  page: "credentials",
  noun: { one: "credential", many: "credentials" },
  fields: [
    {
      name: "kind",
      label: "Kind",
      kind: "choice",
      options: optionsOf(credentialKindLabels),
      column: "kind",
      description: "Kinds of credential, separated by commas; with ! in front all others.",
    },
    {
      name: "status",
      label: "Status",
      kind: "choice",
      options: optionsOf(credentialStatusLabels),
      column: "status",
      description: "active, disabled or expired.",
    },
    connectionField,
    {
      name: "age",
      label: "Age",
      kind: "choice",
      options: optionsOf(credentialAgeLabels),
      description: "How old it is: 30d, 90d, 1y, 2y, older, unknown; each leaves out those before it.",
    },
    {
      name: "ending",
      label: "Ends",
      kind: "choice",
      fixed: true,
      options: optionsOf(credentialEndingLabels),
      description: "What works now and ends within 7d or 30d.",
    },
    {
      name: "made",
      label: "Made",
      kind: "time",
      words: sinceWords,
      description: "Made since then, or with ! before then: a date, or days back as 365d.",
    },
    {
      name: "expires",
      label: "Ends",
      kind: "time",
      words: ["by", "after"],
      ahead: true,
      description: "Ends by then, or with ! after then or never: a date, or days ahead as +30d.",
    },
    lastUseField,
    unusedField,
    firstSeenField,
  ],
  columns: [
    { name: "name", label: "Credential", shown: true, sort: "name" },
    { name: "kind", label: "Kind", shown: true },
    { name: "identity", label: "Identity", shown: true },
    { name: "account", label: "Account", shown: true },
    { name: "connection", label: "System", shown: true },
    { name: "status", label: "Status", shown: false },
    { name: "made", label: "Age", shown: true, sort: "made", align: "end" },
    { name: "expires", label: "Ends", shown: true, sort: "expires", align: "end" },
    { name: "lastUse", label: "Last use", shown: true, sort: "lastUsed" },
    { name: "firstSeen", label: "First seen", shown: false, sort: "firstSeen", align: "end" },
  ],
  sorts: ["name", "made", "expires", "lastUsed", "firstSeen"],
  defaultSort: "made",
};
