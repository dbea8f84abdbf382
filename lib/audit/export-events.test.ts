import { expect, test } from "vitest";
import { rows } from "../db/client";
import { type EventsFormat, exportEvents } from "./export-events";
import type { ListEventsInput } from "./schema";
import { ann, auditor, withRecord } from "./test-export";
import { checkEntry } from "./verify.mjs";

withRecord();

async function exported(filters: ListEventsInput, format: EventsFormat): Promise<string> {
  let text = "";
  for await (const piece of await exportEvents(auditor, filters, format)) text += piece;
  return text;
}

test("what a filter shows is exported, each event with the leaf that the log keeps of it", async () => {
  const lines = (await exported({ who: [ann.userId] }, "jsonl")).trimEnd().split("\n").slice(0, -1);
  expect(lines).toHaveLength(30);
  const kept = await rows<{ position: string; hash: string }>(
    "select position, encode(leaf_hash, 'hex') as hash from audit_sequence",
  );
  for (const line of lines) {
    const entry = JSON.parse(line);
    expect(entry.leaf.actorId).toBe(ann.userId);
    const { hash, wrong } = checkEntry(entry);
    expect(wrong).toEqual([]);
    expect(hash.toString("hex")).toBe(kept.find(({ position }) => Number(position) === entry.number)?.hash);
  }
});

test.each([
  ["csv", /^\ufeff"?number"?,/],
  ["ocsf", /^\{.*"class_uid":3004/],
] as const)("the same as %s, and a text is found in every stretch", async (format, form) => {
  const text = await exported({ q: "n7 of Ann" }, format);
  expect(text).toMatch(form);
  expect(text).toContain("n7 of Ann Annabel");
  expect(text).not.toContain("n8 of Ann Annabel");
});

test("that it was taken is recorded with its filters, and who may not is refused", async () => {
  await exported({ outcome: ["denied"] }, "csv");
  const [last] = await rows<{ details: { filters: string } }>(
    "select details from audit_events where action = 'record.exported' order by at desc, id desc limit 1",
  );
  expect(last?.details).toMatchObject({ format: "csv", filters: expect.stringContaining("denied") });
  await expect(exportEvents(ann, {}, "csv")).rejects.toMatchObject({ code: "forbidden" });
});
