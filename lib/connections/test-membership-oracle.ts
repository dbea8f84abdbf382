import { expect } from "vitest";
import { evaluateAccess } from "../access/evaluate-access";
import { listResourceAccess } from "../access/resource-access-queries";
import { type Actor, system } from "../auth/actor";
import { db } from "../db/client";
import { createConnection } from "./create-connection";
import { requestSync } from "./request-sync";
import { runSync } from "./run-sync";

// For tests: a directory synced as a person would, and what the inventory then says of who is in which group.

const actor: Actor = system("test");

/** Connects and reads twice: the second time must change nothing. @returns the connection's id */
export async function syncTwice(connection: {
  name: string;
  settings: Record<string, unknown>;
  password: string;
}): Promise<string> {
  const { id } = await createConnection(actor, {
    name: connection.name,
    connector: "ldap",
    environment: "development",
    settings: connection.settings,
    secrets: { password: connection.password },
    syncNow: false,
  });
  const first = await syncOnce(id);
  expect({ state: first.state, error: first.error }).toEqual({ state: "done", error: null });
  const second = await syncOnce(id);
  const changes = Object.values(second.result as Record<string, Record<string, number>>);
  expect(changes.flatMap((counts) => Object.values(counts)).filter((count) => count !== 0)).toEqual([]);
  return id;
}

/** One more read. */
export async function syncOnce(id: string) {
  const { runId } = await requestSync(actor, { id });
  await runSync(actor, { runId });
  return db().syncRun.findUniqueOrThrow({ where: { id: runId } });
}

/** Asks for every pair, and gives those of which the inventory says yes, as "account|group". */
export async function membershipsSaid(
  connection: string,
  subjects: readonly string[],
  groups: readonly string[],
): Promise<Set<string>> {
  const said = new Set<string>();
  const pairs = subjects.flatMap((subject) => groups.map((group) => ({ subject, group })));
  for (let at = 0; at < pairs.length; at += 1_000) {
    const batch = pairs.slice(at, at + 1_000);
    const { evaluations } = await evaluateAccess(actor, {
      evaluations: batch.map(({ subject, group }) => ({
        subject: { type: "account", id: subject },
        action: { name: "member" },
        resource: { type: "group", id: group },
        context: { connection },
      })),
    });
    for (const [n, pair] of batch.entries()) {
      const answer = evaluations[n];
      expect(answer?.context.error ?? null).toBeNull();
      if (answer?.decision) said.add(`${pair.subject}|${pair.group}`);
    }
  }
  return said;
}

/** The same from the lists of who reaches each group. */
export async function membershipsListed(connectionId: string, groups: readonly string[]): Promise<Set<string>> {
  const listed = new Set<string>();
  for (const name of groups) {
    const resource = await db().resource.findFirstOrThrow({
      where: { connectionId, type: "group", name, removedAt: null },
      select: { id: true },
    });
    const { items, nextCursor } = await listResourceAccess(actor, { resourceId: resource.id, limit: 5_000, paths: 1 });
    expect(nextCursor).toBeNull();
    for (const item of items) if (item.permission === "member") listed.add(`${item.account.name}|${name}`);
  }
  return listed;
}

/** What one set has and the other has not, in words. */
export function differences(truth: ReadonlySet<string>, said: ReadonlySet<string>): string[] {
  return [
    ...[...truth].filter((pair) => !said.has(pair)).map((pair) => `the directory says yes, the inventory no: ${pair}`),
    ...[...said].filter((pair) => !truth.has(pair)).map((pair) => `the inventory says yes, the directory no: ${pair}`),
  ].slice(0, 20);
}
