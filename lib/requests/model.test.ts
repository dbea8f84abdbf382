import { setFlagsFromString } from "node:v8";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { db } from "../db/client";
import { setClock } from "../time";
import { type Act, act, type Model, newModel } from "./test-model";
import { check } from "./test-model-checks";
import { comeToRest, type ModelWorld, resetWorld, startModelWorld, subjects } from "./test-model-world";

// Random histories of asking, deciding, giving and taking, with workers that die or sleep and a target that goes away.
// A thousand in CI, always the same, so that a change is held against what was there before it; on a desk fewer, and others
// each time. MODEL_RUNS sets how many; MODEL_SEED and the path that a failure prints (MODEL_PATH) play one again.

// Some hundreds of histories into it, Node.js 20 ends this process with "unreachable code" in V8's deoptimizer, at the same
// place each time. Without the optimizing compiler there is nothing to deoptimize; the time goes to the databases anyway.
setFlagsFromString("--no-opt");

const runs = Number(process.env.MODEL_RUNS ?? (process.env.CI ? 1_000 : 60));
let world: ModelWorld;
const happened: Model["happened"] = new Map();
beforeAll(async () => {
  world = await startModelWorld();
  await db().connection.update({
    where: { id: world.connectionId },
    data: { brakeKindShare: 1, brakeAssignmentShare: 1 },
  });
}, 120_000);
afterAll(async () => {
  setClock(null);
  await world.drop();
});

const subject = fc.constantFrom(...subjects);
const nth = fc.nat({ max: 2 });
const points = [
  "before grant",
  "after grant",
  "before revokeAll",
  "after revokeAll",
  "before issue",
  "after issue",
  "before withdraw",
  "after withdraw",
];
const fate = fc.option(
  fc.oneof(
    fc.record({ at: fc.nat({ max: 9 }), end: fc.constant("die" as const) }),
    fc.record({ at: fc.constantFrom(...points), end: fc.constantFrom("die" as const, "sleep" as const) }),
  ),
);
const request = fc.record({
  do: fc.constant("request" as const),
  subject,
  roles: fc.subarray(["analysts", "auditors"] as const, { minLength: 1 }).map((them) => [...them]),
  give: fc.constantFrom("assignment" as const, "assignment" as const, "credential" as const),
  hours: fc.integer({ min: 1, max: 3 }),
});
const decide = fc.record({
  do: fc.constant("decide" as const),
  nth,
  who: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom("bob", "cara") },
    { weight: 1, arbitrary: fc.constantFrom("ann", "eve", "sid", "adam") },
  ),
  decision: fc.oneof(
    { weight: 6, arbitrary: fc.constant("approve" as const) },
    { weight: 1, arbitrary: fc.constantFrom("deny" as const, "ask" as const) },
  ),
  shorten: fc.boolean(),
  drop: fc.boolean(),
});
const rare: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ do: fc.constantFrom("cancel" as const, "extend" as const), nth }),
  fc.record({ do: fc.constantFrom("wake" as const, "sync" as const) }),
  fc.record({ do: fc.constant("away" as const), away: fc.boolean() }),
  fc.record({
    do: fc.constant("hand" as const),
    subject,
    role: fc.constantFrom("analysts" as const, "auditors" as const),
    give: fc.boolean(),
  }),
  fc.record({ do: fc.constant("disable" as const), subject, disabled: fc.boolean() }),
  fc.record({ do: fc.constant("wait" as const), minutes: fc.constantFrom(1, 30, 60, 181) }),
);
const work = fc.record({ do: fc.constant("work" as const), nth, fate });
const revoke = fc.record({
  do: fc.constant("revoke" as const),
  nth,
  who: fc.constantFrom("subject", "sid", "bob", "eve"),
});
const rest = fc.constant({ do: "rest" as const });

class Happening implements fc.AsyncCommand<Model, ModelWorld> {
  constructor(readonly one: Act | { do: "rest" }) {}
  check = () => true;
  async run(model: Model, on: ModelWorld): Promise<void> {
    if (this.one.do !== "rest") return act(this.one, model, on);
    await comeToRest(on);
    await check(model, on);
    model.wereDisabled = new Set(model.disabled);
  }
  toString = () => JSON.stringify(this.one);
}

const happenings = fc.array(
  fc
    .oneof<fc.Arbitrary<Act | { do: "rest" }>[]>(
      request,
      decide,
      work,
      work,
      work,
      work,
      work,
      revoke,
      rare,
      rare,
      rest,
    )
    .map((one) => new Happening(one)),
  { minLength: 3, maxLength: 7, size: "max" },
);
const approve = { do: "decide", nth: 0, decision: "approve", shorten: false, drop: false } as const;

test(
  `access is held exactly while somebody can say why, in ${runs} random histories`,
  async () => {
    const seed = process.env.MODEL_SEED ?? (process.env.CI ? "180551701" : undefined);
    const again = seed ? { seed: Number(seed), path: process.env.MODEL_PATH } : {};
    const history = fc.asyncProperty(request, happenings, async (asked, then) => {
      await resetWorld(world);
      const model = newModel(happened);
      // Every history begins with access that is asked for and approved.
      await act(asked, model, world);
      for (const who of model.asked.flatMap(({ needs }) => [...needs])) await act({ ...approve, who }, model, world);
      await fc.asyncModelRun(() => ({ model, real: world }), [...then, new Happening({ do: "rest" })]);
    });
    await fc.assert(history, { numRuns: runs, ...again, endOnFailure: process.env.MODEL_SHRINK !== "1" });
    if (process.env.MODEL_TELL) process.stdout.write(`${JSON.stringify(Object.fromEntries(happened))}\n`);
    if (runs < 200) return;
    for (const name of [
      "request",
      "decide",
      "work",
      "revoke",
      "cancel",
      "extend",
      "slept",
      "died",
      "sync",
      "hand",
      "disable",
    ])
      expect(happened.get(name) ?? 0, name).toBeGreaterThanOrEqual(runs / 200);
  },
  runs * 5_000,
);
