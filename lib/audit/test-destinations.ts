import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeEach } from "vitest";
import { system } from "../auth/actor";
import { transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { resetEnv } from "../env";
import { hourMs, nowMs, setClock } from "../time";
import { listDestinations } from "./destination-queries";
import { record } from "./record";
import { sequenceEvents } from "./sequence-events";
import { signCheckpoint } from "./sign-checkpoint";

/** Who carries the record in tests. */
export const worker = system("worker");

/**
 * For tests of what carries the record: each has a database and an anchor file of its own, and what it starts is
 * stopped after it.
 */
export function withDestinations() {
  const folder = mkdtempSync(path.join(tmpdir(), "rollcall-anchors-"));
  const drops: (() => Promise<void>)[] = [];
  const stops: (() => void)[] = [];
  const at = { folder, file: "", journal: "", stops };
  beforeEach(async () => {
    at.file = path.join(folder, `${drops.length + 1}`, "checkpoints.jsonl");
    at.journal = path.join(path.dirname(at.file), "endings.jsonl");
    Object.assign(process.env, {
      ROLLCALL_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("base64"),
      ROLLCALL_ANCHOR_FILE: at.file,
      ROLLCALL_ENDINGS_FILE: at.journal,
      ROLLCALL_ALLOW_PRIVATE_TARGETS: "true",
    });
    drops.push((await freshDatabase()).drop);
    resetEnv();
  });
  afterEach(() => {
    setClock(null);
    for (const stop of stops.splice(0)) stop();
  });
  afterAll(async () => {
    for (const drop of drops) await drop();
    rmSync(folder, { recursive: true, force: true });
  });
  return at;
}

/** Records so many events, and has them signed. */
export async function happen(count: number): Promise<void> {
  for (let i = 0; i < count; i++)
    await transaction((tx) => record(tx, worker, { action: "test.done", details: { i } }));
  await sequenceEvents();
  await signCheckpoint("atOnce");
}

/** The destination of that kind. */
export async function only(kind: string) {
  return (await listDestinations(worker)).find((one) => one.kind === kind);
}

/** The anchor file is there from now on. */
export function useFile(to: string): void {
  process.env.ROLLCALL_ANCHOR_FILE = to;
  resetEnv();
}

/** Endings are written there from now on. */
export function useJournal(to: string): void {
  process.env.ROLLCALL_ENDINGS_FILE = to;
  resetEnv();
}

/** What failed is tried again some time later. */
export function later(): void {
  setClock(new Date(nowMs() + hourMs));
}
