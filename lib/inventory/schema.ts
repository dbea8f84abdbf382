import { z } from "zod";
import type { ListDefinition } from "../lists/schema";
import {
  criticalityLabels,
  environmentLabels,
  identityStatusLabels,
  kindLabels,
  lastUseLabels,
  privilegeLabels,
} from "./labels";

/** The three-valued answer to "when was it last used": at a time, not since a time, or unknown and why. */
export const lastUse = z.object({
  state: z.enum(["used", "not_used", "unknown"]),
  at: z.iso.datetime().nullable(),
  since: z.iso.datetime().nullable(),
  because: z.string().nullable(),
});
export type LastUse = z.infer<typeof lastUse>;

export const environments = ["production", "staging", "development"] as const;
export type Environment = (typeof environments)[number];

export const criticalities = ["low", "medium", "high", "critical"] as const;
export type Criticality = (typeof criticalities)[number];

export const identityStatuses = ["active", "disabled", "gone"] as const;
export type IdentityStatus = (typeof identityStatuses)[number];

const optionsOf = (labels: Record<string, string>) =>
  Object.entries(labels).map(([value, label]) => ({ value, label }));
const noneOption = { value: "none", label: "not set" };
const sinceWords = ["since", "before"] as const;

/** Every identity, one row each. */
export const identityList: ListDefinition = {
  page: "identities",
  noun: { one: "identity", many: "identities" },
  fields: [
    {
      name: "kind",
      label: "Kind",
      kind: "choice",
      options: optionsOf(kindLabels),
      column: "kind",
      description: "Kinds of identity, separated by commas; with ! in front all others.",
    },
    {
      name: "status",
      label: "Status",
      kind: "choice",
      options: optionsOf(identityStatusLabels),
      column: "status",
      description: "active, disabled or gone. What is gone is listed only when asked for.",
    },
    {
      name: "owner",
      label: "Owner",
      kind: "reference",
      column: "owner",
      description: "Ids of owners; none for what has no owner; me for what the caller owns or backs up.",
    },
    {
      name: "connection",
      label: "System",
      kind: "reference",
      words: ["is in", "is not in"],
      description: "Names or ids of connections in which the identity has an account.",
    },
    {
      name: "environment",
      label: "Environment",
      kind: "choice",
      options: [...optionsOf(environmentLabels), noneOption],
      column: "environment",
      description: "production, staging, development, or none where it is not set.",
    },
    {
      name: "criticality",
      label: "Criticality",
      kind: "choice",
      options: [...optionsOf(criticalityLabels), noneOption],
      column: "criticality",
      description: "low, medium, high, critical, or none where it is not set.",
    },
    {
      name: "privileged",
      label: "Privileged",
      kind: "flag",
      description: "true: holds Admin or Everything somewhere.",
    },
    {
      name: "privilege",
      label: "Privilege",
      kind: "choice",
      options: privilegeLabels.map((label) => ({ value: label.toLowerCase(), label })),
      column: "privilege",
      description: "The highest privilege: none, read, write, admin, everything.",
    },
    {
      name: "lastUse",
      label: "Last use",
      kind: "choice",
      options: optionsOf(lastUseLabels),
      description: "used, not_used or unknown.",
    },
    {
      name: "unusedSince",
      label: "Unused",
      kind: "time",
      fixed: true,
      words: ["since", "since"],
      description: "Known not to have been used since then: a date, or days back as 90d. Unknown use is never unused.",
    },
    {
      name: "oldestCredential",
      label: "Oldest key",
      kind: "time",
      words: ["made since", "made before"],
      description: "When its oldest credential was made: since then, or with ! before then.",
    },
    {
      name: "firstSeen",
      label: "First seen",
      kind: "time",
      words: sinceWords,
      description: "Since then, or with ! before then: a date, or days back as 7d.",
    },
  ],
  columns: [
    { name: "name", label: "Identity", shown: true, sort: "name" },
    { name: "kind", label: "Kind", shown: false },
    { name: "status", label: "Status", shown: false },
    { name: "owner", label: "Owner", shown: true },
    { name: "environment", label: "Environment", shown: false },
    { name: "criticality", label: "Criticality", shown: false },
    { name: "purpose", label: "Purpose", shown: false },
    { name: "privilege", label: "Privilege", shown: true, sort: "privilege" },
    { name: "reaches", label: "Reaches", shown: true, sort: "reaches", align: "end" },
    { name: "accounts", label: "Accounts in", shown: true },
    { name: "oldestCredential", label: "Oldest key", shown: true, sort: "oldestCredential", align: "end" },
    { name: "lastUse", label: "Last use", shown: true, sort: "lastUsed" },
    { name: "firstSeen", label: "First seen", shown: false, sort: "firstSeen", align: "end" },
    { name: "email", label: "E-mail", shown: false },
    { name: "department", label: "Department", shown: false },
  ],
  sorts: ["name", "privilege", "reaches", "oldestCredential", "lastUsed", "firstSeen"],
  defaultSort: "-privilege",
};
