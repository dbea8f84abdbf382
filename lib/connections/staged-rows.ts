import { hash } from "node:crypto";
import canonicalize from "canonicalize";
import type { ObservationKind, ParsedObservation } from "../connectors/schema";
import { classifyAccount } from "./classify-account";

type Cell = string | number | boolean | Date | null | Record<string, unknown>;
export type StagingTable = { name: string; columns: string; row: (seen: ParsedObservation) => Cell[] | null };

const contentHash = (value: unknown) => hash("sha256", canonicalize(value) ?? "", "base64").slice(0, 24);
const searchText = (...parts: (string | null)[]) =>
  [...new Set(parts.filter(Boolean))].join(" ").toLowerCase().slice(0, 600);

function otherNames({ alsoKnownAs }: Record<string, unknown>): string[] {
  return Array.isArray(alsoKnownAs) ? alsoKnownAs.filter((name) => typeof name === "string") : [];
}

/** The staging table of each kind, and how what was seen stands in it. */
export const tables: Record<ObservationKind, StagingTable> = {
  principal: {
    name: "staged_principals",
    columns:
      "type, external_id, name, display_name, email, employee_number, manager_external_id, kind_hint, kind_hint_reason, status, valid_until, source_created_at, attributes, content_hash, last_used_at, last_used_from, search",
    row: (seen) => {
      if (seen.kind !== "account" && seen.kind !== "group") return null;
      const { kind, lastUsedAt, lastUsedFrom, ...content } = seen;
      const hint = seen.kindHint ?? (kind === "account" ? classifyAccount(seen) : null);
      return [
        kind,
        seen.externalId,
        seen.name,
        seen.displayName,
        seen.email,
        seen.employeeNumber,
        seen.managerExternalId,
        hint?.kind ?? null,
        hint?.reason ?? null,
        seen.status,
        seen.validUntil,
        seen.sourceCreatedAt,
        seen.attributes,
        contentHash({ kind, ...content }),
        lastUsedAt,
        lastUsedFrom,
        searchText(seen.name, seen.displayName, seen.email, seen.externalId, ...otherNames(seen.attributes)),
      ];
    },
  },
  membership: {
    name: "staged_memberships",
    columns: "member_external_id, group_external_id, inherits, switches, administers, implicit",
    row: (seen) =>
      seen.kind === "membership"
        ? [seen.member, seen.group, seen.inherits, seen.switches, seen.administers, seen.implicit]
        : null,
  },
  resource: {
    name: "staged_resources",
    columns: "type, external_id, name, parent_type, parent_external_id, attributes, content_hash, search",
    row: (seen) => {
      if (seen.kind !== "resource") return null;
      const { kind: _, ...content } = seen;
      return [
        seen.type,
        seen.externalId,
        seen.name,
        seen.parent?.type ?? null,
        seen.parent?.externalId ?? null,
        seen.attributes,
        contentHash(content),
        searchText(seen.name, seen.externalId),
      ];
    },
  },
  assignment: {
    name: "staged_assignments",
    columns:
      "holder_external_id, resource_type, resource_external_id, permission, condition, pattern, privilege, grantable, granted_by, valid_until",
    row: (seen) =>
      seen.kind === "assignment"
        ? [
            seen.holder,
            seen.resource.type,
            seen.resource.externalId,
            seen.permission,
            seen.condition,
            seen.pattern,
            seen.privilege,
            seen.grantable,
            seen.grantedBy,
            seen.validUntil,
          ]
        : null,
  },
  credential: {
    name: "staged_credentials",
    columns:
      "account_external_id, kind, external_id, name, status, source_created_at, expires_at, attributes, content_hash, last_used_at, last_used_from, search",
    row: (seen) => {
      if (seen.kind !== "credential") return null;
      const { kind: _, lastUsedAt, lastUsedFrom, ...content } = seen;
      return [
        seen.account,
        seen.credentialKind,
        seen.externalId,
        seen.name,
        seen.status,
        seen.sourceCreatedAt,
        seen.expiresAt,
        seen.attributes,
        contentHash(content),
        lastUsedAt,
        lastUsedFrom,
        searchText(seen.name, seen.externalId),
      ];
    },
  },
};

/** A row in PostgreSQL's text format of COPY: tab between, \N for null, and four characters escaped. */
export function lineOf(runId: string, cells: Cell[]): string {
  return `${runId}\t${cells.map(cellOf).join("\t")}\n`;
}

function cellOf(cell: Cell): string {
  if (cell === null) return "\\N";
  if (typeof cell === "boolean") return cell ? "t" : "f";
  if (typeof cell === "number") return String(cell);
  if (cell instanceof Date) return timeOf(cell);
  const text = typeof cell === "string" ? cell : JSON.stringify(cell);
  return text.replaceAll("\\", "\\\\").replaceAll("\t", "\\t").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
}

// ISO 8601 writes years beyond 9999 with a sign, which PostgreSQL does not read; such dates mean "for ever" anyway.
function timeOf(at: Date): string {
  const year = at.getUTCFullYear();
  if (year > 9_999) return "9999-12-31T23:59:59Z";
  return year < 1 ? "0001-01-01T00:00:00Z" : at.toISOString();
}
