import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

const waitingAtMost = 10_000;

/**
 * The lines of a stream in batches: whatever has come by the time somebody asks, at most `size`. A reader that waits
 * for the answer to a line before it writes the next gets it, and a large file goes by in large batches.
 */
export async function* lineBatches(stream: Readable, size: number): AsyncGenerator<string[]> {
  const waiting: string[] = [];
  let ended = false;
  let wake = () => {};
  const reader = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  reader.on("line", (line) => {
    if (line.trim() !== "") waiting.push(line);
    if (waiting.length >= waitingAtMost) reader.pause();
    wake();
  });
  reader.on("close", () => {
    ended = true;
    wake();
  });
  while (waiting.length > 0 || !ended) {
    if (waiting.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      continue;
    }
    yield waiting.splice(0, size);
    if (!ended && waiting.length < waitingAtMost) reader.resume();
  }
}
