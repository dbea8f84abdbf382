import { Readable } from "node:stream";
import { connectorNamed } from "@/lib/connectors/registry";
import type { Figure } from "./measure";
import { timed } from "./measure";

const megabyte = 1_048_576;
const size = Number(process.env.BENCH_FILE_MB ?? 1_024) * megabyte;

/** Reads a CSV and a JSON file of 1 GB (or BENCH_FILE_MB) as an import does; the figure is what memory grew by. */
export async function benchFiles(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [name, begin, row] of [
    ["csv", "id,login,name,email,department,status,groups\n", csvRow],
    ["json", "", jsonRow],
  ] as const) {
    let grownMb = 0;
    const ms = await timed(async () => {
      grownMb = await growth(name, begin, row);
    });
    const speed = `${(size / megabyte / (ms / 1_000)).toFixed(0)} MB/s`;
    figures.push({
      what: `${name}, ${size / megabyte} MB at ${speed}: growth of memory, MB for ms`,
      bareMs: null,
      oursMs: grownMb,
      atMost: { ms: 64 },
    });
  }
  return figures;
}

async function growth(name: string, begin: string, row: (number: number) => string): Promise<number> {
  const connector = connectorNamed(name);
  if (!connector?.readFile) throw new Error(`${name} reads no files`);
  const context = {
    settings: connector.settings.parse({}),
    secrets: {},
    signal: new AbortController().signal,
    now: new Date(),
  };
  const file = { name: `bench.${name}`, stream: Readable.from(pieces(begin, row)), size: null };
  let observations = 0;
  let warm: number | null = null;
  let most = 0;
  for await (const event of connector.readFile(context, file, null)) {
    if (event.type !== "observations") continue;
    observations += event.items.length;
    // What the engine needs for its own code and tables it has by then.
    if (observations > 400_000) warm ??= process.memoryUsage.rss();
    most = Math.max(most, process.memoryUsage.rss());
  }
  return (most - (warm ?? most)) / megabyte;
}

function* pieces(begin: string, row: (number: number) => string): Generator<Buffer> {
  yield Buffer.from(begin);
  for (let made = 0, number = 0; made < size; ) {
    let piece = "";
    for (const end = number + 500; number < end; number++) piece += row(number);
    const bytes = Buffer.from(piece);
    made += bytes.length;
    yield bytes;
  }
}

function csvRow(number: number): string {
  return `${number},user.${number},"Nr. ${number}, of many",user.${number}@nordwind.example,Department ${number % 90},active,team ${number % 4_000};all\n`;
}

function jsonRow(number: number): string {
  const groups = [`team ${number % 4_000}`, "all"];
  return `${JSON.stringify({ id: String(number), login: `user.${number}`, profile: { email: `user.${number}@nordwind.example` }, groups })}\n`;
}
