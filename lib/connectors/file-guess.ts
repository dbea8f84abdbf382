import { plainHeader, type Role, rolesOf } from "./file-headers";
import { type ColumnMapping, type ColumnMappingInput, columnMapping, type Take } from "./file-mapping";
import { awsCredentialReport } from "./file-presets";
import { type Columns, hasEdge, subjectOf, withManagerNamed } from "./file-subject";
import { orderOf } from "./file-values";

type RuleInput = ColumnMappingInput["rules"][number];

const mostAttributes = 20;
// What must never be kept, by the name of its column: secret values have no place in an inventory.
const secret =
  /passw(?!ord[ _-]?(enabled|last|next|expires|changed|set|age|status|policies|never))|secret|private|hash|salt|token(?![ _-]?(id|name|type))|apikey$|otp|pin$|recovery/i;

/** Does the header promise a secret value? */
export function isSecretHeader(header: string): boolean {
  return secret.test(header);
}

/**
 * How a table would be read, by the names of its columns; `sample` gives some values of one. Null when no column names
 * an account, a group or a resource.
 */
export function guessMapping(columns: readonly string[], sample: (column: string) => string[]): ColumnMapping | null {
  const roles = withManagerNamed(rolesOf(columns.filter((column) => !isSecretHeader(column))), sample);
  const report = awsCredentialReport(columns);
  const rules = report ?? [
    ...principalRules(roles, columns),
    ...groupRules(roles, sample),
    ...resourceRules(roles, sample),
    ...credentialRules(roles),
  ];
  if (rules.length === 0) return null;
  const dates = orderOf(columns.flatMap(sample));
  const parsed = columnMapping.safeParse({ ...(dates ? { dates } : {}), rules });
  return parsed.success ? parsed.data : null;
}

function principalRules(roles: Columns, columns: readonly string[]): RuleInput[] {
  const subject = subjectOf(roles);
  if (subject === null) return groupsOnly(roles, columns);
  const isEdge = hasEdge(roles) || roles.has("group");
  const used = new Set(roles.values());
  const manager = roles.get("managerId") ?? roles.get("managerEmail") ?? roles.get("manager");
  const first = roles.get("firstName");
  const last = roles.get("lastName");
  const full = roles.get("name");
  const displayName: Take | undefined = full
    ? { column: full }
    : first && last
      ? { columns: [first, last], join: " " }
      : undefined;
  const name = roles.get("username") ?? roles.get("email");
  return [
    {
      kind: "account",
      repeats: isEdge,
      externalId: { column: subject },
      ...(name && name !== subject ? { name: { column: name } } : displayName && !name ? { name: displayName } : {}),
      ...(displayName ? { displayName } : {}),
      ...take(roles, "email"),
      ...take(roles, "employeeNumber"),
      ...(manager ? { manager: { column: manager } } : {}),
      ...take(roles, "identityKind"),
      ...statusTake(roles),
      ...take(roles, "createdAt"),
      ...(roles.has("keyId") || roles.has("permission")
        ? {}
        : {
            ...rename(roles, "expiresAt", "validUntil"),
            ...take(roles, "lastUsedAt"),
            ...take(roles, "lastUsedFrom"),
          }),
      ...(isEdge ? {} : { attributes: attributesOf(columns.filter((column) => !used.has(column))) }),
    },
  ];
}

function groupsOnly(roles: Columns, columns: readonly string[]): RuleInput[] {
  const group = roles.get("groupId") ?? roles.get("group");
  if (!group || hasEdge(roles)) return [];
  const used = new Set(roles.values());
  return [
    {
      kind: "group",
      ...groupTake(roles, group),
      attributes: attributesOf(columns.filter((column) => !used.has(column))),
    },
  ];
}

function groupTake(roles: Columns, group: string): { externalId: Take; name: Take } {
  const id = roles.get("groupId");
  return id
    ? { externalId: { column: id }, name: { column: roles.get("group") ?? id } }
    : { externalId: { column: group, prefix: "group:" }, name: { column: group } };
}

function groupRules(roles: Columns, sample: (column: string) => string[]): RuleInput[] {
  const subject = subjectOf(roles);
  if (subject === null) return [];
  const member: Take = { column: subject };
  const rules: RuleInput[] = [];
  for (const [role, prefix] of [
    ["groups", "group:"],
    ["roles", "role:"],
  ] as const) {
    const column = roles.get(role);
    if (!column) continue;
    const each = { column, split: splitOf(sample(column)) };
    rules.push({ kind: "group", each, repeats: true, externalId: { part: true, prefix }, name: { part: true } });
    rules.push({ kind: "membership", each, member, group: { part: true, prefix } });
  }
  const group = roles.get("groupId") ?? roles.get("group");
  if (group) {
    const { externalId, name } = groupTake(roles, group);
    rules.push({ kind: "group", repeats: true, externalId, name });
    rules.push({ kind: "membership", member, group: externalId });
  }
  return rules;
}

function resourceRules(roles: Columns, sample: (column: string) => string[]): RuleInput[] {
  const permission = roles.get("permission");
  const resource = roles.get("resourceId") ?? roles.get("resource");
  if (!permission && !resource) return [];
  const type: Take = roles.has("resourceType")
    ? { column: roles.get("resourceType") ?? "" }
    : { value: resource ? "resource" : "system" };
  const id: Take = resource ? { column: resource } : { value: "system" };
  const title = roles.get("resource");
  const parent = roles.get("parent");
  const rules: RuleInput[] = [
    {
      kind: "resource",
      repeats: true,
      type,
      externalId: id,
      ...(title ? { name: { column: title } } : {}),
      ...(parent ? { parent: { column: parent } } : {}),
    },
  ];
  const subject = subjectOf(roles);
  const group = roles.get("groupId") ?? roles.get("group");
  const holder: Take | null = subject ? { column: subject } : group ? groupTake(roles, group).externalId : null;
  if (holder === null) return rules;
  if (!subject && group) rules.push({ kind: "group", repeats: true, ...groupTake(roles, group) });
  rules.push({
    kind: "assignment",
    ...(permission ? { each: { column: permission, split: splitOf(sample(permission)) } } : {}),
    holder,
    resourceType: type,
    resource: id,
    permission: permission ? { part: true } : { value: "access" },
    ...take(roles, "privilege"),
    ...take(roles, "condition"),
    ...take(roles, "grantable"),
    ...take(roles, "grantedBy"),
    ...rename(roles, "expiresAt", "validUntil"),
  });
  return rules;
}

function credentialRules(roles: Columns): RuleInput[] {
  const keyId = roles.get("keyId");
  const subject = subjectOf(roles);
  if (!keyId || subject === null || subject === keyId) return [];
  const kind = roles.get("keyKind");
  return [
    {
      kind: "credential",
      account: { column: subject },
      credentialKind: kind ? { column: kind } : { value: /access/i.test(keyId) ? "access_key" : "api_key" },
      externalId: { column: keyId },
      ...rename(roles, "keyName", "name"),
      ...statusTake(roles),
      ...take(roles, "createdAt"),
      ...take(roles, "expiresAt"),
      ...take(roles, "lastUsedAt"),
      ...take(roles, "lastUsedFrom"),
    },
  ];
}

function statusTake(roles: Columns): { status?: Take } {
  const status = roles.get("status");
  if (status) return { status: { column: status } };
  const suspended = roles.get("suspended");
  if (suspended)
    return {
      status: {
        column: suspended,
        words: { true: "disabled", yes: "disabled", 1: "disabled", false: "active", no: "active", 0: "active" },
      },
    };
  const locked = roles.get("locked");
  return locked
    ? {
        status: {
          column: locked,
          words: { true: "locked", yes: "locked", 1: "locked", false: "active", no: "active", 0: "active" },
        },
      }
    : {};
}

function take<Field extends Role>(roles: Columns, field: Field): { [K in Field]?: Take } {
  return rename(roles, field, field);
}

function rename<Field extends string>(roles: Columns, role: Role, field: Field): { [K in Field]?: Take } {
  const column = roles.get(role);
  return column ? ({ [field]: { column } } as { [K in Field]?: Take }) : {};
}

// Other columns are kept as they are, but for what looks like a secret.
function attributesOf(columns: readonly string[]): Record<string, Take> {
  const kept = columns
    .filter((column) => !isSecretHeader(column) && plainHeader(column) !== "")
    .slice(0, mostAttributes);
  return Object.fromEntries(kept.map((column) => [attributeName(column), { column }]));
}

function attributeName(column: string): string {
  const plain = plainHeader(column);
  if (["department", "departmentname", "dept", "abteilung"].includes(plain)) return "department";
  if (["title", "jobtitle", "businesstitle", "position"].includes(plain)) return "title";
  return column.slice(0, 200);
}

/** The mark that parts several values in one cell. */
function splitOf(samples: readonly string[]): string | null {
  const holds = (mark: string) => samples.some((sample) => sample.includes(mark));
  if (holds(";")) return ";";
  if (holds("|")) return "|";
  if (holds("\n")) return "\n";
  // A distinguished name has commas of its own.
  return holds(",") && !samples.some((sample) => /[A-Za-z]=/.test(sample)) ? "," : ";";
}
