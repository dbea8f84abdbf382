import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { exportRecord } from "@/lib/audit/export-record";
import { signCheckpoint } from "@/lib/audit/sign-checkpoint";
import { type Report, verifyExport } from "@/lib/audit/verify.mjs";
import { verifyRecord } from "@/lib/audit/verify-record";
import { system } from "@/lib/auth/actor";
import { type Figure, median, timed } from "./measure";
import { readPieces } from "./record-pieces";

const actor = system("bench");

/** The check of the live log, against hashing the same. */
export async function checkLog(): Promise<Figure> {
  await signCheckpoint("atOnce");
  return against("audit verify", () => verifyRecord(actor));
}

/** The check of an export of the whole log, alone, as its verify.mjs does it. Writing the export is not measured. */
export async function checkExport(): Promise<Figure> {
  const folder = await mkdtemp(path.join(tmpdir(), "rollcall-bench-export-"));
  try {
    const { entries } = await exportRecord(actor, {});
    for await (const { name, content } of entries) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), content);
    }
    return await against("verify.mjs", () => verifyExport(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

// The bare thing hashes the same bytes in the same pieces by the platform (leaves, parts and nodes) out of memory. It is
// timed before and after, because what else the machine does changes meanwhile.
async function against(what: string, check: () => Promise<Report>): Promise<Figure> {
  const { pieces, nodes, bytes } = await readPieces(50_000);
  const node = Buffer.alloc(65);
  const hash = (piece: Buffer) => createHash("sha256").update(piece).digest();
  const bare = () =>
    timed(async () => {
      for (const piece of pieces) hash(piece);
      for (let n = 0; n < nodes; n++) hash(node);
    });
  const joined = Buffer.concat(pieces);
  await bare();
  const times = [await bare(), await bare(), await bare()];
  let size = 0;
  const oursMs = await timed(async () => {
    const report = await check();
    if (!report.intact) throw new Error(JSON.stringify(report));
    size = report.size;
  });
  times.push(await bare(), await bare(), await bare());
  const stream = (await timed(async () => hash(joined))) * (size / nodes);
  process.stderr.write(
    `  ${size} events; as one stream of ${Math.round((bytes * size) / nodes / 1e6)} MB the bare hash takes ${Math.round(stream)} ms: ${(oursMs / stream).toFixed(1)} x\n`,
  );
  return { what: `${what} of ${size} events`, bareMs: median(times) * (size / nodes), oursMs, atMost: { ratio: 3 } };
}
