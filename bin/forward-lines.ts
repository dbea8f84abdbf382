import { openSync, renameSync, statSync, writeSync } from "node:fs";
import path from "node:path";

/** Where the lines of web and worker go. */
export type LineSink = {
  take(part: string, line: string, stream: "stdout" | "stderr"): void;
  lastLines(): string[];
};

const keptLines = 12;
const largestFile = 20 * 1024 * 1024;

/**
 * The product's parts log one JSON object a line. Beside a person at a terminal they go to `rollcall.log` in the data
 * folder (and one older file), so that the address stays in sight; otherwise to standard error, for whatever collects
 * logs there. What is not such a line (Next's banner) becomes one.
 */
export function lineSink(folder: string): LineSink {
  const target = process.stdout.isTTY ? openLog(path.join(folder, "rollcall.log")) : 2;
  const last: string[] = [];
  return {
    take: (part, line, stream) => {
      if (line.trim() === "") return;
      if (stream === "stderr" || !line.startsWith("{")) {
        last.push(line);
        if (last.length > keptLines) last.shift();
      }
      if (stream === "stdout" && !line.startsWith("{")) return;
      write(target, line.startsWith("{") ? line : JSON.stringify({ level: "warn", part, msg: line }));
    },
    lastLines: () => [...last],
  };
}

function openLog(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > largestFile) renameSync(file, `${file}.1`);
  return openSync(file, "a", 0o600);
}

function write(target: number, line: string): void {
  try {
    writeSync(target, `${line}\n`);
  } catch {
    // Nobody reads any more, or the disk is full: the product goes on without its log.
  }
}
