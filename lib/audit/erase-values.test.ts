import { writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { rows } from "../db/client";
import { eraseFromRecord, previewErasure } from "./erase-values";
import { ann, auditor, check, exported, folder, sign, withRecord } from "./test-export";
import { verifyRecord } from "./verify-record";

withRecord();

test("what erasing would take is counted before anything goes, and only for who may", async () => {
  const traces = { ids: [ann.userId], texts: ["Ann Annabel"] };
  const preview = await previewErasure(auditor, traces);
  expect(preview.events).toBeGreaterThan(100);
  // Those that she did: each tells who, and in its target's name and its details of her.
  expect(preview.parts).toMatchObject({ who: 30, target: 119 });
  expect(await previewErasure(auditor, traces)).toEqual(preview);
  for (const refused of [() => previewErasure(ann, traces), () => eraseFromRecord(ann, { ...traces, reason: "mine" })])
    await expect(refused()).rejects.toMatchObject({ code: "forbidden" });
  for (const nobody of [previewErasure(auditor, {}), eraseFromRecord(auditor, { reason: "none" })])
    await expect(nobody).rejects.toMatchObject({ code: "invalid", field: "ids" });
  expect(await previewErasure(auditor, { texts: ["nobody of that name"] })).toMatchObject({ events: 0 });
});

test("what the record holds of a person is erased, and every proof still holds", async () => {
  const before = await sign();
  const kept = path.join(folder, "before-erasing");
  writeFileSync(kept, before);
  const erased = await eraseFromRecord(auditor, {
    ids: [ann.userId],
    texts: ["Ann Annabel"],
    reason: "asked to be forgotten",
  });
  expect(erased.events).toBeGreaterThan(100);
  const everything = JSON.stringify(await rows("select * from audit_events"));
  expect(everything).not.toContain("Annabel");
  expect(everything).not.toContain("ann@example.com");
  await sign();
  const given = { checkpoints: [{ note: before, source: "kept" }] };
  expect(await verifyRecord(auditor, given)).toMatchObject({ intact: true, erased: erased.parts, faults: [] });
  const after = await exported({});
  const { code, words } = check(after, "--checkpoint", kept);
  expect([code, words]).toEqual([0, expect.stringContaining(`${erased.parts} parts of events were erased on purpose`)]);
  expect(await eraseFromRecord(auditor, { texts: ["Ann Annabel"], reason: "again" })).toEqual({ events: 0, parts: 0 });
});

test("what the owner of the database erased without the record's knowing is found", async () => {
  await rows("alter table audit_events disable trigger user");
  const zero = "'\\x00000000000000000000000000000000'::bytea";
  await rows(
    `update audit_events set target_name = null, salts = substr(salts, 1, 16) || ${zero} || substr(salts, 33, 16),
       erased = coalesce(erased, '{}') || jsonb_build_object('target', encode(sha256(substr(salts, 17, 16) || convert_to('{"targetName":' || to_json(target_name) || '}', 'UTF8')), 'hex'))
     where id = (select event_id from audit_sequence s join audit_events e on e.id = s.event_id where target_name is not null order by position limit 1)`,
  );
  const report = await verifyRecord(auditor);
  expect(report.faults).toMatchObject([{ what: "erased" }]);
});
