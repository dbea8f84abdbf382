import type { ConnectionRow, SyncRunRow } from "@/lib/connections/schema";
import { type Environment, environments } from "@/lib/inventory/schema";
import { hourMs } from "@/lib/time";

const staleAfterMs = 24 * hourMs;

/** The hours since a current connection was read, when that is longer than a day ago; else null. */
export function hoursOld(
  { status, lastReadAt }: Pick<ConnectionRow, "status" | "lastReadAt">,
  nowMs: number,
): number | null {
  if (status !== "current" || !lastReadAt) return null;
  const ageMs = nowMs - lastReadAt.getTime();
  return ageMs > staleAfterMs ? Math.floor(ageMs / hourMs) : null;
}

const subjects = { account: "accounts", credential: "credentials", entitlement: "access" } as const;

export type CoverageLine = { subjects: string[]; state: "used" | "unknown"; since: string | null; because: string };

/** What is known of use of accounts, credentials and access; those of which the same is known share a line. */
export function coverageLines(coverage: ConnectionRow["coverage"]): CoverageLine[] {
  const lines: CoverageLine[] = [];
  for (const [key, subject] of Object.entries(subjects)) {
    const line = coverageOf(coverage[key]);
    const same = lines.find(({ subjects: _, ...other }) => JSON.stringify(other) === JSON.stringify(line));
    if (same) same.subjects.push(subject);
    else lines.push({ subjects: [subject], ...line });
  }
  return lines;
}

function coverageOf(known: ConnectionRow["coverage"][string] | undefined): Omit<CoverageLine, "subjects"> {
  if (!known) return { state: "unknown", since: null, because: "This system does not tell." };
  return { state: known.complete ? "used" : "unknown", since: known.since, because: known.because };
}

const kindWords: Record<string, string> = {
  principal: "accounts and groups",
  membership: "memberships",
  resource: "resources",
  assignment: "assignments",
  entitlement: "entitlements",
  credential: "credentials",
  identity: "identities",
};

/** A kind of observation, in the plural. */
export function kindName(kind: string): string {
  return kindWords[kind] ?? kind;
}

/** The sum of what a sync added, changed and removed. */
export function totals(run: Pick<SyncRunRow, "result">): { added: number; changed: number; removed: number } {
  const sum = { added: 0, changed: 0, removed: 0 };
  for (const part of Object.values(run.result ?? {})) {
    sum.added += part.added;
    sum.changed += part.changed;
    sum.removed += part.removed;
  }
  return sum;
}

/** How long a run took or has taken, in words. */
export function durationWords({ startedAt, finishedAt }: Pick<SyncRunRow, "startedAt" | "finishedAt">): string {
  if (!startedAt || !finishedAt) return "";
  const seconds = (finishedAt.getTime() - startedAt.getTime()) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

/** A schedule in words. */
export function scheduleWords(minutes: number | null): string {
  if (minutes === null) return "by hand only";
  if (minutes === 60) return "each hour";
  if (minutes === 1440) return "each day";
  if (minutes % 60 === 0) return `every ${minutes / 60} hours`;
  return `every ${minutes} minutes`;
}

/** The environment that this text names, or null. */
export function environmentOf(text: string): Environment | null {
  return environments.find((known) => known === text) ?? null;
}

/** Is a sync in this state on its way, with nobody to wait for? */
export function isUnderWay(state: string): state is "queued" | "reading" | "reconciling" {
  return state === "queued" || state === "reading" || state === "reconciling";
}
