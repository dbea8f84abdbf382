import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { rootFolder } from "./env";
import { firstOf, within } from "./time-limit";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const count = 20;
const many = (make: () => AbortSignal) => Array.from({ length: count }, make);

/** How many of these abort, though the garbage is collected before they are due. */
async function aborting(made: AbortSignal[]): Promise<number> {
  let aborted = 0;
  for (const signal of made) signal.addEventListener("abort", () => aborted++, { once: true });
  for (let n = 0; n < 5; n++) {
    collect();
    await wait(20);
  }
  await expect.poll(() => aborted, { timeout: 20_000 }).toBe(count);
  return aborted;
}

test("a time limit comes, whatever the garbage collector does meanwhile", async () => {
  const { signal } = new AbortController();
  expect(await aborting(many(() => within(500)))).toBe(count);
  expect(await aborting(many(() => within(500, signal)))).toBe(count);
  // As a call of a connector has one, and each of its turns another.
  expect(await aborting(many(() => within(60_000, within(500, signal))))).toBe(count);
});

test("it says that the time is over, and what was stopped before says why", async () => {
  const stopped = new AbortController();
  const [limit, both] = [within(50), firstOf(within(60_000), stopped.signal)];
  stopped.abort(new Error("the worker stops"));
  expect(both.reason).toMatchObject({ message: "the worker stops" });
  expect(within(60_000, stopped.signal).aborted).toBe(true);
  await expect.poll(() => limit.reason).toMatchObject({ name: "TimeoutError" });
});

test("signals are put together nowhere else", async () => {
  const found: string[] = [];
  for (const folder of ["lib", "worker", "bin", "app", "components"])
    for (const name of await readdir(path.join(rootFolder(), folder), { recursive: true })) {
      const file = path.join(rootFolder(), folder, name);
      if (!/\.tsx?$/.test(file) || file.includes("time-limit") || file.includes("/generated/")) continue;
      if ((await readFile(file, "utf8")).includes("AbortSignal.any(")) found.push(`${folder}/${name}`);
    }
  expect(found, "use firstOf or within of lib/time-limit.ts").toEqual([]);
});
