import {
  accountStatusLabels,
  credentialAgeLabels,
  credentialEndingLabels,
  credentialKindLabels,
  credentialStatusLabels,
  criticalityLabels,
  environmentLabels,
  identityStatusLabels,
  kindLabels,
  lastUsedLabels,
  lastUseLabels,
  privilegeLabels,
} from "../inventory/labels";
import type { ListDefinition, ListField } from "../lists/schema";

// The lists of the inventory. They reach the browser, so nothing heavier than words is imported here.

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
      search: true,
      options: [
        { value: "none", label: "nobody" },
        { value: "me", label: "me" },
      ],
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
      name: "lastUsed",
      label: "Used",
      kind: "choice",
      options: optionsOf(lastUsedLabels),
      description: "How long ago it was last used: today, 7d, 30d, 90d, 1y, longer; each leaves out those before it.",
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

const connectionField: ListField = {
  name: "connection",
  label: "System",
  kind: "reference",
  column: "connection",
  description: "Names or ids of connections.",
};
const lastUseField: ListField = {
  name: "lastUse",
  label: "Last use",
  kind: "choice",
  options: optionsOf(lastUseLabels),
  description: "used, not_used or unknown.",
};
const unusedField: ListField = {
  name: "unusedSince",
  label: "Unused",
  kind: "time",
  fixed: true,
  words: ["since", "since"],
  description: "Known not to have been used since then: a date, or days back as 90d. Unknown use is never unused.",
};
const firstSeenField: ListField = {
  name: "firstSeen",
  label: "First seen",
  kind: "time",
  words: sinceWords,
  description: "Since then, or with ! before then: a date, or days back as 7d.",
};

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

/** Every resource: what is protected. */
export const resourceList: ListDefinition = {
  page: "resources",
  noun: { one: "resource", many: "resources" },
  fields: [
    {
      name: "type",
      label: "Type",
      kind: "reference",
      column: "type",
      description: "Types in the system's own words: table, schema, repository.",
    },
    connectionField,
    {
      name: "owner",
      label: "Owner",
      kind: "reference",
      search: true,
      options: [
        { value: "none", label: "nobody" },
        { value: "me", label: "me" },
      ],
      column: "owner",
      description: "Ids of owners; none for what has no owner; me for what the caller owns.",
    },
    firstSeenField,
  ],
  columns: [
    { name: "name", label: "Resource", shown: true, sort: "name" },
    { name: "type", label: "Type", shown: true },
    { name: "connection", label: "System", shown: true },
    { name: "parent", label: "Within", shown: true },
    { name: "owner", label: "Owner", shown: true },
    { name: "entitlements", label: "Permissions", shown: true, align: "end" },
    { name: "holders", label: "Held directly by", shown: true, align: "end" },
    { name: "firstSeen", label: "First seen", shown: true, sort: "firstSeen", align: "end" },
  ],
  sorts: ["name", "firstSeen"],
  defaultSort: "name",
};

/** Every account; one without an identity is unmatched. */
export const accountList: ListDefinition = {
  page: "accounts",
  noun: { one: "account", many: "accounts" },
  fields: [
    {
      name: "unmatched",
      label: "Unmatched",
      kind: "flag",
      description: "true: belongs to no identity yet.",
    },
    connectionField,
    {
      name: "status",
      label: "Status",
      kind: "choice",
      options: optionsOf(accountStatusLabels),
      column: "status",
      description: "active, disabled, locked or expired.",
    },
    lastUseField,
    unusedField,
    firstSeenField,
  ],
  columns: [
    { name: "name", label: "Account", shown: true, sort: "name" },
    { name: "connection", label: "System", shown: true },
    { name: "email", label: "E-mail", shown: true },
    { name: "identity", label: "Identity", shown: true },
    { name: "status", label: "Status", shown: true },
    { name: "lastUse", label: "Last use", shown: true, sort: "lastUsed" },
    { name: "firstSeen", label: "First seen", shown: true, sort: "firstSeen", align: "end" },
    { name: "externalId", label: "Id there", shown: false },
  ],
  sorts: ["name", "lastUsed", "firstSeen"],
  defaultSort: "name",
};

export type StandardView = { id: string; name: string; query: string };

/** The views that every installation has, by page. */
export const standardViews = {
  identities: [
    { id: "all", name: "All", query: "" },
    { id: "production", name: "Machines in production", query: "kind=!human&environment=production" },
    { id: "no-owner", name: "No owner", query: "owner=none" },
    { id: "idle", name: "Privileged, not used", query: "privileged=true&unusedSince=90d" },
    { id: "old-keys", name: "Keys older than a year", query: "oldestCredential=!365d&sort=oldestCredential" },
    { id: "new", name: "New this week", query: "firstSeen=7d&sort=-firstSeen" },
  ],
  credentials: [
    { id: "all", name: "All", query: "" },
    { id: "old", name: "Older than a year", query: "status=active&made=!365d" },
    { id: "idle", name: "Not used for 90 days", query: "status=active&unusedSince=90d" },
    { id: "ending", name: "End within 30 days", query: "status=active&expires=%2B30d&sort=expires" },
    { id: "new", name: "New this week", query: "firstSeen=7d&sort=-firstSeen" },
  ],
  resources: [
    { id: "all", name: "All", query: "" },
    { id: "no-owner", name: "No owner", query: "owner=none" },
    { id: "new", name: "New this week", query: "firstSeen=7d&sort=-firstSeen" },
  ],
  accounts: [
    { id: "all", name: "All", query: "" },
    { id: "unmatched", name: "Unmatched", query: "unmatched=true" },
    { id: "new", name: "New this week", query: "firstSeen=7d&sort=-firstSeen" },
  ],
} as const satisfies Record<string, readonly StandardView[]>;

/** All of them, by the page they belong to. */
export const lists = {
  identities: identityList,
  credentials: credentialList,
  resources: resourceList,
  accounts: accountList,
} as const satisfies Record<string, ListDefinition>;

export type ListPage = keyof typeof lists;
