import type { ColumnMappingInput, RuleKind } from "@/lib/connectors/file-mapping";

// What the form of a mapping shows of it, and changes in it. What it has no field for (words, prefixes, parts of a
// column) stays as it is, and is for the expert's way.

type Fields = readonly { name: string; label: string; required?: true }[];

const principal: Fields = [
  { name: "externalId", label: "Id", required: true },
  { name: "name", label: "Name" },
  { name: "displayName", label: "Shown as" },
  { name: "email", label: "E-mail" },
  { name: "employeeNumber", label: "Employee number" },
  { name: "manager", label: "Manager" },
  { name: "identityKind", label: "Kind" },
  { name: "status", label: "Status" },
  { name: "validUntil", label: "Valid until" },
  { name: "createdAt", label: "Made" },
  { name: "lastUsedAt", label: "Last used" },
  { name: "lastUsedFrom", label: "Last used from" },
];

/** The fields of each kind of rule, in the order of the form. */
export const fieldsOf = {
  account: principal,
  group: principal.filter(({ name }) => ["externalId", "name", "displayName"].includes(name)),
  membership: [
    { name: "member", label: "Member", required: true },
    { name: "group", label: "Group", required: true },
    { name: "administers", label: "Administers" },
  ],
  resource: [
    { name: "type", label: "Type", required: true },
    { name: "externalId", label: "Id", required: true },
    { name: "name", label: "Name" },
    { name: "parentType", label: "Type of what it is in" },
    { name: "parent", label: "Id of what it is in" },
  ],
  assignment: [
    { name: "holder", label: "Holder", required: true },
    { name: "resourceType", label: "Type of the resource", required: true },
    { name: "resource", label: "Id of the resource", required: true },
    { name: "permission", label: "Permission", required: true },
    { name: "privilege", label: "Privilege" },
    { name: "condition", label: "Condition" },
    { name: "validUntil", label: "Valid until" },
  ],
  credential: [
    { name: "account", label: "Account", required: true },
    { name: "credentialKind", label: "Kind", required: true },
    { name: "externalId", label: "Id", required: true },
    { name: "name", label: "Name" },
    { name: "status", label: "Status" },
    { name: "createdAt", label: "Made" },
    { name: "expiresAt", label: "Ends" },
    { name: "lastUsedAt", label: "Last used" },
  ],
} as const satisfies Record<RuleKind, Fields>;

export const ruleLabels = {
  account: "Accounts",
  group: "Groups",
  membership: "Memberships",
  resource: "Resources",
  assignment: "Assignments",
  credential: "Credentials",
} as const satisfies Record<RuleKind, string>;

/** Where a field comes from, as the form shows it. `other`: by more than one column, and for the expert's way. */
export type Source =
  | { from: "nothing" }
  | { from: "column"; column: string }
  | { from: "value"; value: string }
  | Other;
type Other = { from: "other"; words: string };

type Rule = Record<string, unknown> & { kind: RuleKind };
/** A mapping of columns as the form edits it. */
export type EditedMapping = Omit<ColumnMappingInput, "rules"> & { rules: Rule[] };

/** The mapping in the text, if it maps columns; null where only the expert's way can show it. */
export function mappingIn(text: string): EditedMapping | null {
  try {
    const given: unknown = JSON.parse(text);
    return isMapping(given) ? given : null;
  } catch {
    return null;
  }
}

/** Where a field of a rule comes from. */
export function sourceOf(rule: Rule, field: string): Source {
  const take = rule[field];
  if (typeof take !== "object" || take === null) return { from: "nothing" };
  if ("column" in take && typeof take.column === "string") return { from: "column", column: take.column };
  if ("value" in take && typeof take.value === "string") return { from: "value", value: take.value };
  if ("columns" in take && Array.isArray(take.columns)) return { from: "other", words: take.columns.join(" and ") };
  return { from: "other", words: "a part of a column" };
}

/** The mapping with one field of one rule taken from another column, or from none. What translates its words stays. */
export function withColumn(
  mapping: EditedMapping,
  change: { rule: number; field: string; column: string | null },
): EditedMapping {
  return {
    ...mapping,
    rules: mapping.rules.map((rule, index) => {
      if (index !== change.rule) return rule;
      const { [change.field]: before, ...others } = rule;
      if (change.column === null) return { ...others, kind: rule.kind };
      const kept = typeof before === "object" && before !== null && "column" in before ? before : {};
      return { ...rule, [change.field]: { ...kept, column: change.column } };
    }),
  };
}

function isMapping(given: unknown): given is EditedMapping {
  return (
    typeof given === "object" &&
    given !== null &&
    "rules" in given &&
    Array.isArray(given.rules) &&
    given.rules.every((rule) => typeof rule?.kind === "string" && Object.hasOwn(fieldsOf, rule.kind))
  );
}
