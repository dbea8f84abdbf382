import { Readable } from "node:stream";
import { expect, it } from "vitest";
import type { Connector } from "../contract";
import { csv } from "./connector";

const megabyte = 1_048_576;
const wanted = Number(process.env.ROLLCALL_TEST_FILE_MB ?? 300) * megabyte;

// Rows that are all different, so that nothing can be kept by being the same.
function* bytes(): Generator<Buffer> {
  yield Buffer.from("id,login,name,email,department,status,groups,last login\n");
  let made = 0;
  for (let row = 0; made < wanted; ) {
    let piece = "";
    for (const end = row + 500; row < end; row++) {
      piece += `${row},user.${row},"Person Nr. ${row}, of many",user.${row}@nordwind.example,Department ${row % 90},active,team ${row % 4_000};all,2026-11-${10 + (row % 20)}T10:00:00Z\n`;
    }
    const buffer = Buffer.from(piece);
    made += buffer.length;
    yield buffer;
  }
}

it(`a file of ${wanted / megabyte} MB is read in flat memory`, { timeout: 600_000 }, async () => {
  const connector: Connector = csv;
  const context = {
    settings: { delimiter: "auto", encoding: "auto" },
    secrets: {},
    signal: new AbortController().signal,
    now: new Date(),
  };
  const file = { name: "big.csv", stream: Readable.from(bytes()), size: null };
  let observations = 0;
  let warm: number | null = null;
  let most = 0;
  const began = performance.now();
  for await (const event of connector.readFile?.(context, file, null) ?? []) {
    if (event.type !== "observations") continue;
    observations += event.items.length;
    // After the first tenth the engine has what it needs for its own code and tables.
    if (observations > 200_000) warm ??= process.memoryUsage.rss();
    if (warm !== null) most = Math.max(most, process.memoryUsage.rss());
  }
  const seconds = (performance.now() - began) / 1_000;
  const grown = (most - (warm ?? 0)) / megabyte;
  process.stdout.write(
    `read ${wanted / megabyte} MB, ${observations} observations in ${seconds.toFixed(1)} s; memory grew by ${grown.toFixed(0)} MB\n`,
  );
  expect(warm).not.toBeNull();
  expect(grown).toBeLessThanOrEqual(64);
});
