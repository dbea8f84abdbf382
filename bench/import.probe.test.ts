import { test } from "vitest";
import { freshDatabase } from "../lib/db/test-database";
import { measureImport } from "./import";

test("probe", async () => {
  const d = await freshDatabase();
  console.log(await measureImport(Number(process.env.N ?? 20000)));
  await d.drop();
}, 900_000);
