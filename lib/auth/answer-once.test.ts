import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { record } from "../audit/record";
import { db, rows, transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { system } from "./actor";
import { answerOnce, type KeptAnswer, leaseMs } from "./answer-once";
import { refuse } from "./authorize";

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await rows("delete from idempotency_keys");
});

const actor = system("a program");
const call = { key: "k", request: { name: "x" }, secretAnswer: false };
const change = (name: string) =>
  transaction((tx) => record(tx, actor, { action: "test.changed", target: { type: "test", name } }));
const changesBy = (name: string) => db().auditEvent.count({ where: { action: "test.changed", targetName: name } });
const age = (ms: number) =>
  rows("update idempotency_keys set created_at = created_at - $1 * interval '1 millisecond'", [ms]);

async function answered(name: string): Promise<KeptAnswer> {
  await change(name);
  return { status: 201, body: { name } };
}

/** A call that is held between two of its steps, as a process is that was stopped or killed there. */
function held(work: (reached: () => Promise<void>) => Promise<KeptAnswer>) {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const ended = answerOnce(actor, call, () =>
    work(() => {
      reach();
      return gate;
    }),
  );
  ended.catch(() => undefined);
  return { reached, release, ended };
}

test("the same key is given the first answer again, and nothing is done twice", async () => {
  const first = await answerOnce(actor, call, () => answered("twice"));
  const again = await answerOnce(actor, call, () => answered("twice"));
  expect(first).toEqual({ status: 201, body: { name: "twice" }, repeated: false });
  expect(again).toEqual({ ...first, repeated: true });
  expect(await changesBy("twice")).toBe(1);
});

test("while a call runs, its key is taken, and free again a lease after its process died", async () => {
  const dead = held(async (reached) => {
    await reached();
    return answered("dead");
  });
  await dead.reached;
  await expect(answerOnce(actor, call, () => answered("second"))).rejects.toMatchObject({
    code: "conflict",
    retryAfterSeconds: 1,
  });
  await age(leaseMs + 1);
  expect(await answerOnce(actor, call, () => answered("second"))).toMatchObject({ status: 201, repeated: false });

  // It was not dead, only slow: what it would commit now is refused, and the answer stays the second one's.
  dead.release();
  await expect(dead.ended).rejects.toMatchObject({ code: "conflict" });
  expect([await changesBy("dead"), await changesBy("second")]).toEqual([0, 1]);
  expect(await answerOnce(actor, call, () => answered("third"))).toMatchObject({ body: { name: "second" } });
});

test("a call that died after its change is never run a second time, however late it is repeated", async () => {
  const dead = held(async (reached) => {
    await change("changed");
    await reached();
    return { status: 201, body: {} };
  });
  await dead.reached;
  const early = answerOnce(actor, call, () => answered("changed"));
  await expect(early).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("has not ended") });
  await age(leaseMs + 1);
  const late = answerOnce(actor, call, () => answered("changed"));
  await expect(late).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("cut off") });
  expect(await changesBy("changed")).toBe(1);
  // And when it was only slow, its answer is there from then on.
  await age(-leaseMs - 1);
  dead.release();
  await dead.ended;
  expect(await answerOnce(actor, call, () => answered("changed"))).toMatchObject({ status: 201, repeated: true });
});

test("a refusal frees its key at once, and stays in the record", async () => {
  const target = { type: "test", name: "refused" };
  await expect(answerOnce(actor, call, () => refuse(actor, "connection:edit", target))).rejects.toMatchObject({
    code: "forbidden",
  });
  expect(await db().auditEvent.count({ where: { targetName: "refused", outcome: "denied" } })).toBe(1);
  expect(await answerOnce(actor, call, () => answered("after"))).toMatchObject({ repeated: false });
});

test("of fifty calls at once with one key, one is carried out", async () => {
  const calls = Array.from({ length: 50 }, () => answerOnce(actor, call, () => answered("at once")));
  const settled = await Promise.allSettled(calls);
  const ran = settled.filter((one) => one.status === "fulfilled" && !one.value.repeated);
  expect(ran).toHaveLength(1);
  for (const one of settled) {
    if (one.status === "rejected") expect(one.reason).toMatchObject({ code: "conflict" });
  }
  expect(await changesBy("at once")).toBe(1);
});
