import { setTimeout as wait } from "node:timers/promises";

/** Looks until it is so, every 2 ms unless told. @throws Error after the limit */
export async function until(
  look: () => Promise<boolean>,
  { limitMs = 60_000, everyMs = 2 }: { limitMs?: number; everyMs?: number } = {},
): Promise<void> {
  const startedAtMs = performance.now();
  while (!(await look())) {
    if (performance.now() - startedAtMs > limitMs) throw new Error(`it did not come in ${limitMs / 1_000} s`);
    await wait(everyMs);
  }
}
