import { z } from "zod";

/** Longest name or external id that is taken from a system, in characters (an index entry must hold it); longer ones are refused by name. */
export const longestName = 500;
/** Largest set of attributes of one thing, in characters of JSON. */
export const largestAttributes = 20_000;

// What comes from a system is hostile text. NUL cannot be stored in PostgreSQL; the rest is kept as it is and made
// harmless where it is shown.
const text = (max: number) =>
  z
    .string()
    .max(max)
    .transform((value) => value.replaceAll("\u0000", "\ufffd").toWellFormed());
const id = text(longestName).refine((value) => value.length > 0, "must not be empty");
const optional = text(longestName).nullable().default(null);
const time = z.date().nullable().default(null);
const attributes = z
  .record(z.string(), z.unknown())
  .default({})
  .transform((value) => JSON.parse(JSON.stringify(value).replaceAll("\\u0000", "\\ufffd")) as Record<string, unknown>)
  .refine(
    (value) => JSON.stringify(value).length <= largestAttributes,
    `must be at most ${largestAttributes} characters of JSON`,
  );
const type = text(60).refine((value) => value.length > 0, "must not be empty");
const reference = z.object({ type, externalId: id });

/** The kinds of identity (glossary). */
export const identityKinds = [
  "human",
  "service_account",
  "api_client",
  "ci_pipeline",
  "workload",
  "bot",
  "ai_agent",
] as const;
export type IdentityKind = (typeof identityKinds)[number];

/** 1 read, 2 write, 3 admin, 4 everything. */
export const privileges = { read: 1, write: 2, admin: 3, everything: 4 } as const;

export const credentialKinds = [
  "password",
  "access_key",
  "personal_access_token",
  "ssh_key",
  "client_secret",
  "certificate",
  "oidc_trust",
  "api_key",
  "other",
] as const;

const principal = {
  externalId: id,
  name: id,
  displayName: optional,
  email: optional,
  employeeNumber: optional,
  managerExternalId: optional,
  /** What the source itself says of the kind of identity, and the words it says it in. */
  kindHint: z
    .object({ kind: z.enum(identityKinds), reason: text(300) })
    .nullable()
    .default(null),
  status: z.enum(["active", "disabled", "locked", "expired"]).default("active"),
  validUntil: time,
  sourceCreatedAt: time,
  lastUsedAt: time,
  lastUsedFrom: optional,
  /**
   * `stableId` among them: by what the system tells it from all others for good, where its external id is a name that can
   * change. Under a new name it is then still the same account or group.
   */
  attributes,
};

/** One thing that a connector saw. Parsed at the edge: what does not fit is a problem of that one thing. */
export const observation = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("account"), ...principal }),
  z.object({ kind: z.literal("group"), ...principal }),
  z.object({
    kind: z.literal("membership"),
    /** External ids of the member (account or group) and of the group. */
    member: id,
    group: id,
    /** The member has the group's rights at once. */
    inherits: z.boolean().default(true),
    /** The member can become the group: SET ROLE, AssumeRole. */
    switches: z.boolean().default(false),
    /** The member can add others. */
    administers: z.boolean().default(false),
    /** Nobody granted it; the system has it so (PUBLIC). */
    implicit: z.boolean().default(false),
  }),
  z.object({
    kind: z.literal("resource"),
    type,
    externalId: id,
    name: id,
    parent: reference.nullable().default(null),
    attributes,
  }),
  z.object({
    kind: z.literal("assignment"),
    /** External id of the account or group that holds it. */
    holder: id,
    resource: reference,
    permission: text(200).refine((value) => value.length > 0, "must not be empty"),
    privilege: z.number().int().min(1).max(4),
    /** What the system would still check, in its own words; null where access is unconditional. */
    condition: text(4_000).nullable().default(null),
    /** For the connector's evaluator, where the entitlement covers more than its own resource. */
    pattern: z.record(z.string(), z.unknown()).nullable().default(null),
    grantable: z.boolean().default(false),
    grantedBy: optional,
    validUntil: time,
  }),
  z.object({
    kind: z.literal("credential"),
    account: id,
    credentialKind: z.enum(credentialKinds),
    externalId: id,
    name: id,
    status: z.enum(["active", "disabled", "expired"]).default("active"),
    sourceCreatedAt: time,
    expiresAt: time,
    lastUsedAt: time,
    lastUsedFrom: optional,
    attributes,
  }),
]);

/** As a connector yields it: defaults may be left out. */
export type Observation = z.input<typeof observation>;
/** As the inventory takes it. */
export type ParsedObservation = z.output<typeof observation>;

/** `account` and `group` are read and reconciled together: in many systems one thing is both. */
export const observationKinds = ["principal", "membership", "resource", "assignment", "credential"] as const;
export type ObservationKind = (typeof observationKinds)[number];

/** Why a connected system could not be read or changed, in a word that the page and the alert are chosen by. */
export const connectorErrorCodes = [
  "unreachable",
  "timeout",
  "certificate",
  "credentials",
  "rights",
  "protocol",
  "limit",
  "invalid",
  "busy",
] as const;
export type ConnectorErrorCode = (typeof connectorErrorCodes)[number];
