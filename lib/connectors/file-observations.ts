import type { ColumnMapping, Rule } from "./file-mapping";
import { type ProblemLog, quoted } from "./file-problems";
import * as values from "./file-values";
import { largestAttributes, longestName, type Observation } from "./schema";

/** The texts of one thing, by field, and where they are from. */
export type Making = {
  given: Record<string, string>;
  extra: [string, string][];
  number: number;
  dates: ColumnMapping["dates"];
  problems: ProblemLog;
};

/** A row's thing cannot be made; the message says why, and the row is named by whoever catches it. */
export class RowProblem extends Error {
  constructor(
    readonly sort: string,
    message: string,
    readonly remedy: string,
  ) {
    super(message);
    this.name = "RowProblem";
  }
}

/** How each kind of observation is made of texts. Throws a RowProblem where it cannot be. */
export const builders: Record<Rule["kind"], (making: Making) => Observation> = {
  account: (making) => ({ kind: "account", ...principalOf(making) }),
  group: (making) => ({ kind: "group", ...principalOf(making) }),
  membership: (making) => ({
    kind: "membership",
    member: need(making, "member", "a member"),
    group: need(making, "group", "a group"),
    inherits: flag(making, "inherits", true),
    switches: flag(making, "switches", false),
    administers: flag(making, "administers", false),
  }),
  resource: (making) => {
    const parent = optional(making, "parent");
    const type = need(making, "type", "a type", longestType);
    return {
      kind: "resource",
      type,
      externalId: need(making, "externalId", "an id"),
      name: optional(making, "name") ?? need(making, "externalId", "an id"),
      parent:
        parent === null ? null : { type: optional(making, "parentType", longestType) ?? type, externalId: parent },
      attributes: attributesOf(making),
    };
  },
  assignment: (making) => {
    const permission = need(making, "permission", "a permission", 200);
    return {
      kind: "assignment",
      holder: need(making, "holder", "a holder"),
      resource: {
        type: need(making, "resourceType", "a resource type", longestType),
        externalId: need(making, "resource", "a resource"),
      },
      permission,
      privilege: values.privilegeOf(optional(making, "privilege") ?? permission),
      condition: optional(making, "condition", 4_000),
      grantable: flag(making, "grantable", false),
      grantedBy: optional(making, "grantedBy"),
      validUntil: time(making, "validUntil"),
    };
  },
  credential: (making) => {
    const word = need(making, "credentialKind", "a kind of credential");
    const credentialKind = values.credentialKindOf(word);
    const expiresAt = time(making, "expiresAt");
    const status = meaning(making, "status", values.statusOf, "a status") ?? "active";
    return {
      kind: "credential",
      account: need(making, "account", "an account"),
      credentialKind: (credentialKind ?? "other") as "other",
      externalId: need(making, "externalId", "an id"),
      name: optional(making, "name") ?? need(making, "externalId", "an id"),
      status: status === "locked" ? "disabled" : status,
      sourceCreatedAt: time(making, "createdAt"),
      expiresAt,
      lastUsedAt: time(making, "lastUsedAt"),
      lastUsedFrom: optional(making, "lastUsedFrom"),
      attributes: attributesOf(making),
    };
  },
};

function principalOf(making: Making) {
  const externalId = need(making, "externalId", "an id");
  const kind = meaning(making, "identityKind", values.identityKindOf, "a kind of identity") ?? null;
  return {
    externalId,
    name: optional(making, "name") ?? optional(making, "displayName") ?? externalId,
    displayName: optional(making, "displayName"),
    email: optional(making, "email"),
    employeeNumber: optional(making, "employeeNumber"),
    managerExternalId: optional(making, "manager"),
    kindHint: kind && { kind, reason: `the file says “${(making.given.identityKind ?? "").slice(0, 100)}”` },
    status: meaning(making, "status", values.statusOf, "a status") ?? ("active" as const),
    validUntil: time(making, "validUntil"),
    sourceCreatedAt: time(making, "createdAt"),
    lastUsedAt: time(making, "lastUsedAt"),
    lastUsedFrom: optional(making, "lastUsedFrom"),
    attributes: attributesOf(making),
  };
}

function need(making: Making, field: string, what: string, longest = longestName): string {
  const text = making.given[field] ?? "";
  if (text === "") {
    const message = `there is no ${what.replace(/^an? /, "")} here.`;
    throw new RowProblem(`without ${what}`, message, "Fill in the column, or leave the row out of the file.");
  }
  if (text.length <= longest) return text;
  const message = `${what} is ${text.length} characters long; at most ${longest} are taken.`;
  throw new RowProblem(`with ${what} that is too long`, message, tooLong);
}

// What does not name the thing is cut short where it is too long, and said.
function optional(making: Making, field: string, longest = longestName): string | null {
  const text = making.given[field] ?? "";
  if (text.length <= longest) return text === "" ? null : text;
  const message = `${field} is ${text.length} characters long; the first ${longest} are taken.`;
  making.problems.add(`with a ${field} that is too long`, making.number, message, tooLong);
  return text.slice(0, longest);
}

const longestType = 60;
const tooLong = "Shorten it in the file, or check for a quote that nobody closed.";

function flag(making: Making, field: string, otherwise: boolean): boolean {
  return meaning(making, field, values.truthOf, "yes or no") ?? otherwise;
}

function time(making: Making, field: string): Date | null {
  return meaning(making, field, (text) => values.timeOf(text, making.dates), "a time") ?? null;
}

// A word that is not understood empties the field and is named; the rest of the row stands.
function meaning<T>(
  making: Making,
  field: string,
  read: (text: string) => T | null | undefined,
  what: string,
): T | null {
  const text = making.given[field] ?? "";
  if (text === "") return null;
  const result = read(text);
  if (result !== undefined) return result;
  making.problems.add(
    `with a ${field} that is not understood`,
    making.number,
    `${quoted(text)} is not ${what}; ${field} is left empty.`,
    "Correct the cell, or say in the mapping what the word means.",
  );
  return null;
}

function attributesOf(making: Making): Record<string, string> {
  const attributes = Object.fromEntries(making.extra);
  // A character takes six in JSON at most, so that short ones need no look.
  let characters = 0;
  for (const [name, text] of making.extra) characters += name.length + text.length + 6;
  if (characters * 6 <= largestAttributes || JSON.stringify(attributes).length <= largestAttributes) return attributes;
  making.problems.add(
    "with attributes that are too long",
    making.number,
    `the other columns hold more than ${largestAttributes} characters; they are left out.`,
    "Take fewer columns as attributes in the mapping.",
  );
  return {};
}
