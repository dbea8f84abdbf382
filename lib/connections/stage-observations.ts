import { hash } from "node:crypto";
import { once } from "node:events";
import canonicalize from "canonicalize";
import type { PoolClient } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { type Observation, type ObservationKind, observation, type ParsedObservation } from "../connectors/schema";
import { pool } from "../db/client";
import { classifyAccount } from "./classify-account";
import type { SyncProblem } from "./schema";

type Cell = string | number | boolean | Date | null | Record<string, unknown>;
type Table = { name: string; columns: string; row: (seen: ParsedObservation) => Cell[] | null };

const flushRows = 1_000;
const flushCharacters = 4_000_000;
const keptProblems = 200;
const worthAnalyzing = 1_000;

/**
 * Puts what a connector saw into the staging tables of one run, by COPY, a few thousand rows at a time, so that memory
 * stays flat whatever the size of the system. Each thing is parsed first: one that does not fit is a problem of its own
 * and the rest goes on.
 */
export class Staging {
  readonly read: Record<ObservationKind, number> = {
    principal: 0,
    membership: 0,
    resource: 0,
    assignment: 0,
    credential: 0,
  };
  readonly problems: SyncProblem[] = [];
  problemCount = 0;
  private readonly waiting = new Map<ObservationKind, { lines: string[]; characters: number }>();
  private readonly runId: string;

  constructor(runId: string) {
    this.runId = runId;
  }

  /** Takes observations; writes them when enough have come together. */
  async add(items: Observation[]): Promise<void> {
    for (const item of items) {
      const parsed = observation.safeParse(item);
      if (!parsed.success) {
        const issue = parsed.error.issues[0];
        this.problem(
          `left out a ${item.kind}: ${issue?.path.join(".") || "it"} ${issue?.message ?? "does not fit"}`,
          nameOf(item),
        );
        continue;
      }
      const kind = kindOf(parsed.data);
      const line = lineOf(this.runId, tables[kind].row(parsed.data) ?? []);
      const queue = this.queue(kind);
      queue.lines.push(line);
      queue.characters += line.length;
      this.read[kind]++;
      if (queue.lines.length >= flushRows || queue.characters >= flushCharacters) await this.flush(kind);
    }
  }

  /** Writes whatever still waits. */
  async flushAll(): Promise<void> {
    for (const kind of this.waiting.keys()) await this.flush(kind);
  }

  /** Tells the planner of what was staged. Outside the transaction that compares: its lock is gone at once. */
  async settle(): Promise<void> {
    const large = Object.entries(this.read).filter(([, count]) => count > worthAnalyzing);
    for (const [kind] of large) await pool().query(`analyze ${tables[kind as ObservationKind].name}`);
  }

  /** Notes something left out; the first two hundred are kept in full, all are counted. */
  problem(message: string, object: string | null = null, remedy: string | null = null): void {
    this.problemCount++;
    if (this.problems.length < keptProblems)
      this.problems.push({ message: message.slice(0, 1_000), object: object?.slice(0, 300) ?? null, remedy });
  }

  private queue(kind: ObservationKind): { lines: string[]; characters: number } {
    const queue = this.waiting.get(kind) ?? { lines: [], characters: 0 };
    this.waiting.set(kind, queue);
    return queue;
  }

  private async flush(kind: ObservationKind): Promise<void> {
    const queue = this.queue(kind);
    if (queue.lines.length === 0) return;
    this.waiting.delete(kind);
    const client = await pool().connect();
    try {
      await copyLines(client, tables[kind], queue.lines);
      client.release();
    } catch (error) {
      client.release(true);
      throw error;
    }
  }
}

async function copyLines(client: PoolClient, table: Table, lines: string[]): Promise<void> {
  const stream = client.query(copyFrom(`copy ${table.name} (run_id, ${table.columns}) from stdin`));
  const finished = once(stream, "finish");
  stream.end(Buffer.from(lines.join(""), "utf8"));
  await finished;
}

/** Forgets what a run staged. */
export async function clearStaging(runId: string): Promise<void> {
  for (const { name } of Object.values(tables)) await pool().query(`delete from ${name} where run_id = $1`, [runId]);
}

/** How many rows a run has staged, by kind: less than it should be when a crash emptied the unlogged tables. */
export async function countStaged(runId: string): Promise<Record<ObservationKind, number>> {
  const counts = { principal: 0, membership: 0, resource: 0, assignment: 0, credential: 0 };
  for (const [kind, { name }] of Object.entries(tables)) {
    const result = await pool().query<{ n: number }>(`select count(*)::int n from ${name} where run_id = $1`, [runId]);
    counts[kind as ObservationKind] = result.rows[0]?.n ?? 0;
  }
  return counts;
}

function kindOf(seen: ParsedObservation): ObservationKind {
  return seen.kind === "account" || seen.kind === "group" ? "principal" : seen.kind;
}

function nameOf(item: Observation): string | null {
  const facts = item as Record<string, unknown>;
  const named = facts.externalId ?? facts.member ?? facts.holder ?? facts.name;
  return typeof named === "string" ? named.slice(0, 200) : null;
}

const contentHash = (value: unknown) => hash("sha256", canonicalize(value) ?? "", "base64").slice(0, 24);
const searchText = (...parts: (string | null)[]) =>
  [...new Set(parts.filter(Boolean))].join(" ").toLowerCase().slice(0, 600);

function otherNames({ alsoKnownAs }: Record<string, unknown>): string[] {
  return Array.isArray(alsoKnownAs) ? alsoKnownAs.filter((name) => typeof name === "string") : [];
}

const tables: Record<ObservationKind, Table> = {
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

// PostgreSQL's text format of COPY: tab between, \N for null, and four characters escaped.
function lineOf(runId: string, cells: Cell[]): string {
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
