import { afterAll, beforeAll, expect, test } from "vitest";
import { resetEnv } from "../env";
import { closeDatabase, db, rows, transaction } from "./client";
import { clockOf } from "./clock";
import { refusalOf } from "./refusal";
import { freePort } from "./test-clusters";

beforeAll(async () => {
  await closeDatabase();
  process.env.DATABASE_URL = `postgresql://rollcall:x@127.0.0.1:${await freePort()}/rollcall`;
  resetEnv();
});
afterAll(() => closeDatabase());

test.each<[string, () => Promise<unknown>]>([
  ["a query", () => rows("select 1")],
  ["a raw query of Prisma's", () => clockOf(db())],
  ["a query of a model", () => db().request.count()],
  ["a transaction", () => transaction(async (tx) => clockOf(tx))],
])("where the database is away, %s is told that it is, and no fault of ours", async (_, ask) => {
  const error = await ask().then(
    () => null,
    (one: unknown) => one,
  );
  expect(refusalOf(error)).toMatchObject({ code: "unavailable" });
});
