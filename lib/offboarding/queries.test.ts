import { afterAll, beforeAll, expect, test } from "vitest";
import { freshDatabase } from "../db/test-database";
import { worker } from "../requests/test-world";
import { getProgress } from "./progress-queries";
import { getOffboarding } from "./queries";

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

test.each(["[id]", "1", "", "' or true --", "\0", "0198f1a2-0000-7000-8000-000000000000"])(
  "a run that is not there is not found, whatever stands in its place: %j",
  async (id) => {
    await expect(getOffboarding(worker, { id })).rejects.toMatchObject({ code: "not_found" });
    await expect(getProgress(worker, { id })).rejects.toMatchObject({ code: "not_found" });
  },
);
