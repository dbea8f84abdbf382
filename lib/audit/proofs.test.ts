import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { system } from "../auth/actor";
import { rows } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { resetEnv } from "../env";
import { type ConsistencyProof, getCheckpoint, getProof, type InclusionProof } from "./proofs";
import { sequenceEvents } from "./sequence-events";
import { signCheckpoint } from "./sign-checkpoint";

process.env.ROLLCALL_ENCRYPTION_KEY = Buffer.alloc(32, 7).toString("base64");
const auditor = system("test");
const size = 66_700;
let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
  resetEnv();
  await make(1_000);
  await make(size - 1_000);
});
afterAll(() => database.drop());

async function make(count: number): Promise<void> {
  await rows(
    `with made as (
       insert into audit_events (at, actor_type, actor_name, actor, action, outcome)
       select now(), 'system', 'test', '{}', 'test.many', 'allowed' from generate_series(1, $1) returning id)
     insert into audit_intake (event_id) select id from made`,
    [count],
  );
  await sequenceEvents();
  await signCheckpoint("atOnce");
}

// From RFC 9162, sections 2.1.3.2 and 2.1.4.2, on BigInt, so that it is nothing like the implementation.
const node = (left: Buffer, right: Buffer) =>
  createHash("sha256").update(Buffer.of(1)).update(left).update(right).digest();
const bytes = (text: string) => Buffer.from(text, "base64");

function rootOf({ index, size: n, leaf, path }: InclusionProof): string {
  let [fn, sn] = [BigInt(index), BigInt(n - 1)];
  let r = createHash("sha256").update(Buffer.of(0)).update(leaf).digest();
  for (const p of path.map(bytes)) {
    if (fn & 1n || fn === sn) {
      r = node(p, r);
      while (!(fn & 1n) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else r = node(r, p);
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  expect(sn).toBe(0n);
  return r.toString("base64");
}

function rootsOf({ from, size: n, path, fromRoot }: ConsistencyProof): [string, string] {
  let [fn, sn] = [BigInt(from - 1), BigInt(n - 1)];
  const isPower = (BigInt(from) & BigInt(from - 1)) === 0n;
  const [seed, ...rest] = (isPower ? [fromRoot, ...path] : path).map(bytes);
  while (fn & 1n) [fn, sn] = [fn >> 1n, sn >> 1n];
  let [fr, sr] = [seed ?? Buffer.of(), seed ?? Buffer.of()];
  for (const c of rest) {
    if (fn & 1n || fn === sn) {
      [fr, sr] = [node(c, fr), node(c, sr)];
      while (!(fn & 1n) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else sr = node(sr, c);
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return [fr.toString("base64"), sr.toString("base64")];
}

test("each event is proven under the oldest checkpoint that holds it, and in any size of the log", async () => {
  for (const number of [1, 2, 255, 256, 257, 999, 1_000, 1_001, 65_535, 65_536, 65_537, 66_560, size]) {
    const proof = (await getProof(auditor, { number })) as InclusionProof;
    expect(proof.size).toBe(number <= 1_000 ? 1_000 : size);
    expect(rootOf(proof)).toBe(proof.checkpoint?.root);
    expect(proof.text).toBe(
      `c2sp.org/tlog-proof@v1\nindex ${number - 1}\n${proof.path.map((hash) => `${hash}\n`).join("")}\n${proof.checkpoint?.note}`,
    );
    for (const at of [number, Math.min(number + 300, size), size]) {
      const other = (await getProof(auditor, { number, size: at })) as InclusionProof;
      expect(rootOf(other), `${number} in ${at}`).toBe(other.root);
    }
  }
});

test("each earlier log is proven to be the beginning of each later one", async () => {
  const newest = await getCheckpoint(auditor);
  expect(newest).toMatchObject({ size, keys: [{ retiredAt: null }] });
  for (const from of [1, 2, 255, 256, 257, 1_000, 4_096, 65_535, 65_536, 65_537, size - 1]) {
    const proof = (await getProof(auditor, { from })) as ConsistencyProof;
    expect(rootsOf(proof), String(from)).toEqual([proof.fromRoot, newest.root]);
  }
  const first = await getCheckpoint(auditor, { size: 1 });
  expect(first.size).toBe(1_000);
  expect(((await getProof(auditor, { from: 1_000 })) as ConsistencyProof).fromRoot).toBe(first.root);
  expect(await getProof(auditor, { from: size, size })).toMatchObject({ path: [] });
});

test("what cannot be proven is refused in words", async () => {
  await expect(getProof(auditor, {})).rejects.toMatchObject({ code: "invalid" });
  await expect(getProof(auditor, { number: 5, from: 3 })).rejects.toMatchObject({ code: "invalid" });
  await expect(getProof(auditor, { number: size + 1 })).rejects.toMatchObject({ code: "not_found" });
  await expect(getProof(auditor, { number: 5, size: 4 })).rejects.toMatchObject({ code: "invalid", field: "size" });
  await expect(getProof(auditor, { number: 5, size: size + 1 })).rejects.toMatchObject({ code: "invalid" });
  await expect(getProof(auditor, { from: size + 1 })).rejects.toMatchObject({ code: "invalid", field: "from" });
  await expect(getCheckpoint(auditor, { size: size + 1 })).rejects.toMatchObject({ code: "not_found" });
});
