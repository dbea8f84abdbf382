import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { freshDatabase } from "../db/test-database";
import type { Actor } from "./actor";

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

/** The module as another process has it: with counts of its own, on the same database. */
async function anotherProcess() {
  vi.resetModules();
  const { countCall, callsPerMinute } = await import("./limit-calls");
  const { setClock } = await import("../time");
  return { countCall, callsPerMinute, setClock };
}

const program = (tokenId: string): Actor => ({ type: "workload", tokenId, name: "p", scopes: [], requestId: null });

function answer(count: (actor: Actor) => void, actor: Actor): string {
  try {
    count(actor);
    return "counted";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

test("calls are limited over all processes together, each token for itself, and anew in the next minute", async () => {
  const [first, second] = [await anotherProcess(), await anotherProcess()];
  const start = Date.parse("2026-03-01T10:00:00Z");
  const at = (ms: number) => {
    for (const one of [first, second]) one.setClock(new Date(start + ms));
  };
  at(0);
  const [busy, calm] = [program("busy"), program("calm")];
  for (let call = 0; call < first.callsPerMinute - 1; call++) first.countCall(busy);
  expect(answer(second.countCall, busy)).toBe("counted");
  expect(answer(first.countCall, busy)).toBe("counted");
  // Each tells the other at its first call of each second.
  let ms = 0;
  await expect
    .poll(() => {
      ms += 1_000;
      at(ms);
      return [answer(first.countCall, busy), answer(second.countCall, busy)];
    })
    .toEqual(["limited", "limited"]);
  expect(answer(second.countCall, calm)).toBe("counted");
  at(60_000);
  expect([answer(first.countCall, busy), answer(second.countCall, busy)]).toEqual(["counted", "counted"]);
});

test("while the database is away, each process counts alone and nobody is refused for it", async () => {
  const { closeDatabase } = await import("../db/client");
  const { resetEnv } = await import("../env");
  const url = process.env.DATABASE_URL;
  await closeDatabase();
  process.env.DATABASE_URL = "postgresql://nobody@127.0.0.1:1/nowhere";
  resetEnv();
  const { countCall, callsPerMinute, setClock } = await anotherProcess();
  setClock(new Date("2026-03-01T10:00:00Z"));
  for (let call = 0; call < callsPerMinute; call++) expect(answer(countCall, program("lone"))).toBe("counted");
  expect(answer(countCall, program("lone"))).toBe("limited");
  await (await import("../db/client")).closeDatabase();
  process.env.DATABASE_URL = url;
});
