import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { freshDatabase } from "../db/test-database";
import { now, plus, setClock } from "../time";
import { giveBack, limits, spend } from "./limit-sign-in";
import { networkOf } from "./visitor";

const { points, windowMs } = limits["sign-in-network"];
let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
afterEach(() => setClock(null));
afterAll(() => database.drop());

test("attempts that come all at once cannot pass the limit together", async () => {
  const tries = await Promise.allSettled(Array.from({ length: points + 30 }, () => spend("sign-in-network", "burst")));
  expect(tries.filter((one) => one.status === "fulfilled")).toHaveLength(points);
});

test("the limit opens again when its time is over, and not before", async () => {
  setClock(now());
  for (let i = 0; i < points; i++) await spend("sign-in-network", "window");
  setClock(plus(now(), windowMs - 1));
  await expect(spend("sign-in-network", "window")).rejects.toMatchObject({ code: "limited", retryAfterSeconds: 1 });
  setClock(plus(now(), 1));
  await spend("sign-in-network", "window");
});

test("a good sign-in costs nothing, so an office behind one address is not locked out", async () => {
  for (let i = 0; i < points * 3; i++) {
    await spend("sign-in-network", "office");
    await giveBack("sign-in-network", "office");
  }
});

test("a thousand addresses of one IPv6 /64 have one limit", async () => {
  const tries = Array.from({ length: 1_024 }, (_, i) => networkOf(`2001:db8:0:7::${(i + 1).toString(16)}`));
  const passed = await Promise.allSettled(tries.map((network) => spend("sign-in-network", network)));
  expect(passed.filter((one) => one.status === "fulfilled")).toHaveLength(points);
});
