import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { buffer, text } from "node:stream/consumers";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { fromBuffer, type ZipFile } from "yauzl";
import { exportEvents } from "./export-events";
import { packChoice } from "./pack-choice";
import { ann, auditor, folder, withRecord } from "./test-export";

withRecord();

const open = (bytes: Buffer) =>
  new Promise<ZipFile>((resolve, reject) =>
    fromBuffer(bytes, { lazyEntries: true }, (error, archive) => (error ? reject(error) : resolve(archive))),
  );

async function unpacked(bytes: Buffer): Promise<Record<string, string>> {
  const archive = await open(bytes);
  const files: Record<string, string> = {};
  const read = promisify(archive.openReadStream.bind(archive));
  return new Promise((resolve, reject) => {
    archive.once("end", () => resolve(files));
    archive.once("error", reject);
    archive.on("entry", (entry) => {
      read(entry)
        .then(text)
        .then((content) => {
          files[entry.fileName] = content;
          archive.readEntry();
        }, reject);
    });
    archive.readEntry();
  });
}

test("what a filter shows travels with what checks it", async () => {
  const texts = await exportEvents(auditor, { who: [ann.userId] }, "jsonl");
  const files = await unpacked(await buffer(await packChoice(texts)));
  expect(Object.keys(files).sort()).toEqual(["README.txt", "activity.jsonl", "verify.mjs"]);
  const at = path.join(folder, "choice");
  mkdirSync(at);
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(at, name), content);
  // By the very words of its README.
  const [command = ""] = files["README.txt"]?.match(/node verify\.mjs activity\.jsonl$/m) ?? [];
  const { status, stdout } = spawnSync(process.execPath, command.split(" ").slice(1), {
    cwd: at,
    encoding: "utf8",
    env: { NODE_ENV: "test" },
  });
  expect([status, stdout]).toEqual([0, expect.stringContaining("30 events are in the record as it was signed")]);
});

test("a choice that breaks off is no archive that opens, and one that nobody reads to its end stops reading too", async () => {
  async function* breaking() {
    yield "one\n";
    throw new Error("the database went away");
  }
  await expect(buffer(await packChoice(breaking()))).rejects.toThrow("the database went away");
  let began = false;
  let ended = false;
  async function* long() {
    began = true;
    try {
      for (let n = 0; n < 100_000; n++) yield `${n} ${Math.random()}\n`.repeat(100);
    } finally {
      ended = true;
    }
  }
  const reader = (await packChoice(long())).getReader();
  while (!began) await reader.read();
  await reader.cancel();
  await expect.poll(() => ended).toBe(true);
});
