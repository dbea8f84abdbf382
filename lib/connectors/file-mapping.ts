import { z } from "zod";

/** How the dates of a file are written where they are not ISO 8601. */
export const dateOrders = ["day_first", "month_first"] as const;
export type DateOrder = (typeof dateOrders)[number];

const columnName = z.string().min(1).max(500);
const words = z.record(z.string().max(200), z.string().max(200));

/**
 * Where one field comes from: a column, several columns joined, the same value for every row, or (`part`) the part of
 * the rule's `each` column. `words` translates; `prefix` is put in front, to keep ids of different things apart.
 */
const take = z.union([
  z.strictObject({ column: columnName, words: words.optional(), prefix: z.string().max(100).optional() }),
  z.strictObject({ columns: z.array(columnName).min(1).max(5), join: z.string().max(5).default(" ") }),
  z.strictObject({ value: z.string().max(1_000) }),
  z.strictObject({ part: z.literal(true), words: words.optional(), prefix: z.string().max(100).optional() }),
]);
export type Take = z.infer<typeof take>;

const optional = take.optional();
const attributes = z.record(z.string().min(1).max(200), take).optional();

const principal = {
  externalId: take,
  name: optional,
  displayName: optional,
  email: optional,
  employeeNumber: optional,
  manager: optional,
  identityKind: optional,
  status: optional,
  validUntil: optional,
  createdAt: optional,
  lastUsedAt: optional,
  lastUsedFrom: optional,
  attributes,
};

const shared = {
  /** The rows it is for: where the column holds one of these, in any case. */
  when: z.strictObject({ column: columnName, is: z.array(z.string().max(200)).min(1).max(50) }).optional(),
  /** One observation for each part of a column with several values. `split` null: the values of a JSON array. */
  each: z.strictObject({ column: columnName, split: z.string().min(1).max(3).nullable().default(";") }).optional(),
  /** Many rows name the same thing: the first is taken, the others are no duplicates. */
  repeats: z.boolean().default(false),
};

const rule = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("account"), ...shared, ...principal }),
  z.strictObject({ kind: z.literal("group"), ...shared, ...principal }),
  z.strictObject({
    kind: z.literal("membership"),
    ...shared,
    member: take,
    group: take,
    inherits: optional,
    switches: optional,
    administers: optional,
  }),
  z.strictObject({
    kind: z.literal("resource"),
    ...shared,
    type: take,
    externalId: take,
    name: optional,
    parentType: optional,
    parent: optional,
    attributes,
  }),
  z.strictObject({
    kind: z.literal("assignment"),
    ...shared,
    holder: take,
    resourceType: take,
    resource: take,
    permission: take,
    privilege: optional,
    condition: optional,
    grantable: optional,
    grantedBy: optional,
    validUntil: optional,
  }),
  z.strictObject({
    kind: z.literal("credential"),
    ...shared,
    account: take,
    credentialKind: take,
    externalId: take,
    name: optional,
    status: optional,
    createdAt: optional,
    expiresAt: optional,
    lastUsedAt: optional,
    lastUsedFrom: optional,
    attributes,
  }),
]);
export type Rule = z.infer<typeof rule>;
export type RuleKind = Rule["kind"];

/** How the columns of a file become observations: each rule makes at most one from a row, or one for each part. */
export const columnMapping = z.strictObject({
  /** For people: which guess this began as. */
  title: z.string().max(200).optional(),
  /** Of JSON: where the array of rows is, in dotted form; empty for the file itself. */
  rows: z.string().max(500).optional(),
  dates: z.enum(dateOrders).default("day_first"),
  rules: z.array(rule).min(1).max(60),
});
export type ColumnMapping = z.infer<typeof columnMapping>;
export type ColumnMappingInput = z.input<typeof columnMapping>;
