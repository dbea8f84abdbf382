import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { addTestPasskey, type TestPasskey } from "../auth/test-passkey";
import { db, rows } from "../db/client";
import { resetEnv } from "../env";
import { beginConfirmation, confirmGrant } from "../grants/confirm-grant";
import { watchGrants } from "../grants/watch-grants";
import { loadPolicies } from "../policies/load-policies";
import { dayMs, hourMs, now, plus, setClock } from "../time";
import { beginDecision } from "./begin-decision";
import { decideRequest } from "./decide-request";
import { submitRequest } from "./submit-request";
import { grantsOf, person, refusal, runJobs, startWorld, type World, worker } from "./test-world";

// A passkey for each approval and each beginning: policies whose rules say `stepUp: [approve, activate]`.

let world: World;
let folder: string;
const keys: Record<string, TestPasskey> = {};
beforeAll(async () => {
  world = await startWorld();
  folder = await mkdtemp(path.join(tmpdir(), "step-up-"));
  const source = (name: string) => readFile(path.join(import.meta.dirname, "../policies/default", name), "utf8");
  const rules = (await source("rules.yaml")).replaceAll("    stepUp: [approve]\n", "");
  await writeFile(path.join(folder, "access.cedar"), await source("access.cedar"));
  await writeFile(
    path.join(folder, "rules.yaml"),
    rules.replaceAll("    maxDuration:", "    stepUp: [approve, activate]\n    maxDuration:"),
  );
  process.env.ROLLCALL_POLICIES = folder;
  resetEnv();
  expect((await loadPolicies(worker)).faults).toEqual([]);
  for (const name of ["ann", "bob", "eve"]) keys[name] = await addTestPasskey(person(world, name).userId);
}, 120_000);
afterAll(async () => {
  setClock(null);
  delete process.env.ROLLCALL_POLICIES;
  resetEnv();
  await world.drop();
  await rm(folder, { recursive: true });
});
beforeEach(() => setClock(null));

/** As they are in a browser: with a session, and not by a token. */
const inBrowser = (name: string) => ({ ...person(world, name), sessionId: randomUUID() });
const item = { connection: "warehouse", permission: "member", resource: { type: "role", id: "analysts" } };
const ask = (name: string, startsAt?: Date) =>
  submitRequest(person(world, name), {
    items: [item],
    reason: "quarter end",
    duration: "PT1H",
    ...(startsAt ? { startsAt: startsAt.toISOString() } : {}),
  });

type Begun = { challengeId: string; options: { challenge: string } };
const proofBy = (name: string, { challengeId, options }: Begun, instead = {}) => ({
  challengeId,
  answer: keys[name]?.answer(options.challenge, instead),
});

async function approve(id: string): Promise<string> {
  const bob = inBrowser("bob");
  const proof = proofBy("bob", await beginDecision(bob, { id }));
  await decideRequest(bob, { id, decision: "approve", proof });
  await runJobs();
  return (await grantsOf(id))[0]?.id ?? "";
}

const stateOf = async (id: string) => (await db().grant.findUniqueOrThrow({ where: { id } })).state;
const eventsOf = async (id: string) =>
  (await rows<{ action: string }>("select action from audit_events where target_id = $1 order by id", [id])).map(
    ({ action }) => action,
  );

test("an approval counts with the passkey that was asked for this very request, once", async () => {
  const [one, other] = [await ask("ann"), await ask("eve")];
  const bob = inBrowser("bob");
  const decide = (id: string, proof?: Record<string, unknown>) =>
    decideRequest(bob, { id, decision: "approve", proof });
  expect(await refusal(decide(one.id))).toMatch(/^forbidden: This has to be confirmed with a passkey/);
  const forOther = proofBy("bob", await beginDecision(bob, { id: other.id }));
  expect(await refusal(decide(one.id, forOther))).toMatch(/^unauthenticated/);
  const byEve = proofBy("eve", await beginDecision(bob, { id: one.id }));
  expect(await refusal(decide(one.id, byEve))).toMatch(/^forbidden: Your device did not confirm/);
  const elsewhere = proofBy("bob", await beginDecision(bob, { id: one.id }), { origin: "https://rollcall.evil.test" });
  expect(await refusal(decide(one.id, elsewhere))).toMatch(/^forbidden: Your device did not confirm/);
  const unverified = proofBy("bob", await beginDecision(bob, { id: one.id }), { verified: false });
  expect(await refusal(decide(one.id, unverified))).toMatch(/^forbidden: Your device did not confirm/);
  const proof = proofBy("bob", await beginDecision(bob, { id: one.id }));
  await decide(one.id, proof);
  const [decision] = await db().decision.findMany({ where: { requestId: one.id } });
  expect(decision?.steppedUpWith).toBe(keys.bob?.id);
  expect(await refusal(decide(one.id, proof))).not.toBe("was not refused");
  await db().request.updateMany({ where: { state: { in: ["pending", "approved"] } }, data: { state: "cancelled" } });
  await rows("update grants set state = 'ended' where state = 'scheduled'");
});

test("what was approved begins when its subject confirms it, and its clock runs from then", async () => {
  const grantId = await approve((await ask("ann")).id);
  expect(await stateOf(grantId)).toBe("scheduled");
  await watchGrants(worker);
  await runJobs();
  expect(await stateOf(grantId)).toBe("scheduled");
  expect(await world.holds("ann", "analysts")).toBe(false);
  expect(await eventsOf(grantId)).toEqual(["grant.ordered", "grant.asked_to_confirm"]);

  const ann = inBrowser("ann");
  expect(await refusal(beginConfirmation(inBrowser("eve"), { id: grantId }))).toMatch(/^forbidden: You may not begin/);
  expect(await refusal(beginConfirmation(inBrowser("bob"), { id: grantId }))).toMatch(/^forbidden: You may not begin/);
  expect(await refusal(beginConfirmation(person(world, "ann"), { id: grantId }))).toMatch(/^forbidden: .*by a person/);
  expect(await refusal(confirmGrant(ann, { id: grantId, proof: undefined }))).toMatch(/^forbidden/);
  const proof = proofBy("ann", await beginConfirmation(ann, { id: grantId }));
  await confirmGrant(ann, { id: grantId, proof });
  await runJobs();
  expect(await stateOf(grantId)).toBe("active");
  expect(await world.holds("ann", "analysts")).toBe(true);
  const grant = await db().grant.findUniqueOrThrow({ where: { id: grantId } });
  expect(grant.confirmedWith).toBe(keys.ann?.id);
  expect((grant.endsAt?.getTime() ?? 0) - (grant.activatedAt?.getTime() ?? 0)).toBe(hourMs);
  expect(await refusal(confirmGrant(ann, { id: grantId, proof }))).toMatch(/^conflict: There is nothing to confirm/);
});

test("a proof for one grant begins no other", async () => {
  const [one, other] = [await approve((await ask("eve")).id), await approve((await ask("eve")).id)];
  const eve = inBrowser("eve");
  const proof = proofBy("eve", await beginConfirmation(eve, { id: one }));
  expect(await refusal(confirmGrant(eve, { id: other, proof }))).toMatch(/^unauthenticated/);
  await runJobs();
  expect([await stateOf(one), await stateOf(other)]).toEqual(["scheduled", "scheduled"]);
  await rows("update grants set state = 'ended' where id = any($1::uuid[])", [[one, other]]);
});

test("nobody confirms before its time, and what nobody confirms in time ends unused", async () => {
  const startsAt = plus(now(), 2 * hourMs);
  const grantId = await approve((await ask("eve", startsAt)).id);
  expect(await refusal(beginConfirmation(inBrowser("eve"), { id: grantId }))).toMatch(
    /^conflict: This access begins at/,
  );
  const { confirmBy } = await db().grant.findUniqueOrThrow({ where: { id: grantId } });
  expect(confirmBy?.getTime()).toBeGreaterThan(startsAt.getTime() + dayMs);
  setClock(plus(confirmBy ?? now(), hourMs));
  expect(await refusal(beginConfirmation(inBrowser("eve"), { id: grantId }))).toMatch(/^conflict: There is nothing/);
  await rows(
    "update grants set starts_at = now() - interval '9 days', confirm_by = now() - interval '1 minute' where id = $1",
    [grantId],
  );
  setClock(null);
  await watchGrants(worker);
  await runJobs();
  const grant = await db().grant.findUniqueOrThrow({ where: { id: grantId } });
  expect(grant).toMatchObject({ state: "ended", endedWords: expect.stringMatching(/Nobody confirmed in time/) });
  expect(await world.holds("eve", "analysts")).toBe(false);
});
