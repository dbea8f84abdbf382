import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll } from "vitest";
import { type PersonActor, system } from "../auth/actor";
import { transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { resetEnv } from "../env";
import { type ExportInput, exportRecord } from "./export-record";
import { record } from "./record";
import { sequenceEvents } from "./sequence-events";
import { signCheckpoint } from "./sign-checkpoint";
import type { Report } from "./verify.mjs";

/** Who exports and checks. */
export const auditor = system("test");
/** Of whom the events tell. */
export const ann: PersonActor = {
  type: "person",
  userId: "00000000-0000-7000-8000-0000000000a1",
  identityId: "00000000-0000-7000-8000-0000000000a2",
  name: "Ann Annabel",
  email: "ann@example.com",
  roles: ["member"],
  sessionId: null,
  tokenId: null,
  authenticatedBy: "test",
  scopes: null,
  requestId: null,
};

/** A folder for exports, thrown away after the tests. */
export const folder = mkdtempSync(path.join(tmpdir(), "rollcall-export-"));

/** For tests: a record of 120 events, signed now and then; `whole` is the folder of an export of all of it. */
export function withRecord() {
  const at = { whole: "" };
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  beforeAll(async () => {
    process.env.ROLLCALL_ENCRYPTION_KEY = Buffer.alloc(32, 7).toString("base64");
    database = await freshDatabase();
    resetEnv();
    for (let n = 0; n < 120; n++) {
      const target = { type: "thing", id: `t${n}`, name: n === 5 ? '=HYPERLINK("x")' : `n${n} of Ann Annabel "ü" 😀` };
      await transaction((tx) =>
        record(tx, n % 4 ? auditor : ann, {
          action: "test.done",
          target,
          details: { n, z: 1.5, a: null, "😀": ["é"] },
        }),
      );
      if (n % 40 === 20) await sign();
    }
    at.whole = await exported({});
  });
  afterAll(async () => {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });
  return at;
}

/** Has what happened signed. @returns the checkpoint */
export async function sign(): Promise<string> {
  await sequenceEvents();
  const signed = await signCheckpoint("atOnce");
  return signed?.note ?? "";
}

let made = 0;

/** A new folder for an export. */
export function newFolder(): string {
  return path.join(folder, String(++made));
}

/** An export, written into a folder of its own. */
export async function exported(input: ExportInput): Promise<string> {
  const to = newFolder();
  for await (const { name, content } of (await exportRecord(auditor, input)).entries) {
    mkdirSync(path.dirname(path.join(to, name)), { recursive: true });
    writeFileSync(path.join(to, name), content);
  }
  return to;
}

/** As an auditor does: the file that came with the export, by Node.js alone, in that folder. */
export function check(at: string, ...args: string[]): { code: number | null; report: Report; words: string } {
  const run = (more: string[]) =>
    spawnSync(process.execPath, ["verify.mjs", ".", ...args, ...more], {
      cwd: at,
      encoding: "utf8",
      env: { NODE_ENV: "test" },
    });
  const { status, stdout, stderr } = run(["--json"]);
  return { code: status, report: stdout ? JSON.parse(stdout) : {}, words: run([]).stdout + stderr };
}
