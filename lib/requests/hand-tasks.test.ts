import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createConnection } from "../connections/create-connection";
import { db } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { completeHandTask } from "../grants/complete-hand-task";
import { revokeGrant } from "../grants/end-grant";
import { loadPolicies } from "../policies/load-policies";
import { now } from "../time";
import { decideRequest } from "./decide-request";
import { submitRequest } from "./submit-request";
import { grantsOf, makePeople, refusal, runJobs, type World, worker } from "./test-world";

let database: Awaited<ReturnType<typeof freshDatabase>>;
let people: World["people"];
beforeAll(async () => {
  process.env.ROLLCALL_ENCRYPTION_KEY = randomBytes(32).toString("base64");
  database = await freshDatabase();
  await loadPolicies(worker);
  people = await makePeople();
  const { id } = await createConnection(worker, {
    name: "badges",
    connector: "csv",
    environment: "staging",
    syncNow: false,
  });
  await db().connection.update({ where: { id }, data: { ownerId: people.cara?.identityId ?? null } });
  const common = { connectionId: id, contentHash: "", firstSeenAt: now() };
  await db().principal.create({
    data: { ...common, type: "account", externalId: "4711", name: "ann", identityId: people.ann?.identityId ?? null },
  });
  await db().principal.create({ data: { ...common, type: "group", externalId: "lab", name: "Laboratory" } });
});
afterAll(() => database.drop());

const someone = (name: string) => {
  const found = people[name];
  if (!found) throw new Error(`there is no ${name}`);
  return found;
};
const openTask = () => db().handTask.findFirstOrThrow({ where: { doneAt: null, cancelledAt: null } });
const ask = async () => {
  const item = { connection: "badges", permission: "member", resource: { type: "group", id: "lab" } };
  const { id } = await submitRequest(someone("ann"), { items: [item], reason: "measure", duration: "P1D" });
  await decideRequest(someone("bob"), { id, decision: "approve" });
  await runJobs();
  return id;
};

test("what no connector changes is given and taken by a person, who says what they did", async () => {
  const id = await ask();
  const give = await openTask();
  expect(give).toMatchObject({ kind: "give", assigneeId: someone("cara").identityId });
  expect((await grantsOf(id))[0]).toMatchObject({ state: "activating", endsAt: null });
  expect(await refusal(completeHandTask(someone("ann"), { id: give.id, evidence: "trust me" }))).toMatch(/^forbidden/);
  expect(await refusal(completeHandTask(someone("eve"), { id: give.id, evidence: "not mine" }))).toMatch(/^forbidden/);
  await completeHandTask(someone("cara"), { id: give.id, evidence: "badge system, change 88" });
  await runJobs();
  const [active] = await grantsOf(id);
  expect(active).toMatchObject({ state: "active" });
  expect(await refusal(completeHandTask(someone("cara"), { id: give.id, evidence: "once more" }))).toMatch(/^conflict/);

  await revokeGrant(someone("ann"), { id: active?.id ?? "" });
  await runJobs();
  const take = await openTask();
  expect(take.kind).toBe("take");
  expect((await grantsOf(id))[0]).toMatchObject({ state: "ending" });
  await completeHandTask(someone("cara"), { id: take.id, evidence: "badge system, change 89" });
  await runJobs();
  const [ended] = await grantsOf(id);
  expect(ended).toMatchObject({ state: "ended", endedBecause: "revoked" });
  const receipt = await db().grantStep.findMany({ where: { grantId: ended?.id ?? "" }, orderBy: { id: "asc" } });
  expect(receipt.map(({ detail }) => detail).join("\n")).toMatch(
    /Given by hand by cara: badge system, change 88[\s\S]*Taken by hand by cara/,
  );
});

test("what is no longer wanted is not asked of a person any more", async () => {
  const id = await ask();
  const [grant] = await grantsOf(id);
  await revokeGrant(someone("ann"), { id: grant?.id ?? "" });
  await runJobs();
  expect(await db().handTask.count({ where: { grantId: grant?.id ?? "", doneAt: null, cancelledAt: null } })).toBe(0);
  expect((await grantsOf(id))[0]).toMatchObject({ state: "ended" });
});
