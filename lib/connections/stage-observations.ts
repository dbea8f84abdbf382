import { once } from "node:events";
import type { PoolClient } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { type Observation, type ObservationKind, observation, type ParsedObservation } from "../connectors/schema";
import { pool } from "../db/client";
import type { SyncProblem } from "./schema";
import { lineOf, type StagingTable, tables } from "./staged-rows";

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

async function copyLines(client: PoolClient, table: StagingTable, lines: string[]): Promise<void> {
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
