import { afterAll, beforeAll, expect, test } from "vitest";
import { sequenceEvents } from "../audit/sequence-events";
import { db } from "../db/client";
import { resetEnv } from "../env";
import { revokeGrant } from "../grants/end-grant";
import { minuteMs, now, plus, setClock } from "../time";
import { decideRequest } from "./decide-request";
import { submitRequest } from "./submit-request";
import { tellPeople } from "./tell-people";
import { grantsOf, person, runJobs, startWorld, type World, worker } from "./test-world";

let world: World;
beforeAll(async () => {
  process.env.SMTP_URL = "smtp://127.0.0.1:1";
  process.env.NEXTAUTH_SECRET = "a secret of this test alone";
  world = await startWorld();
  resetEnv();
  await sequenceEvents();
  await tellPeople(worker);
}, 120_000);
afterAll(async () => {
  setClock(null);
  delete process.env.SMTP_URL;
  resetEnv();
  await world.drop();
});

const tellAll = async () => {
  await sequenceEvents();
  await Promise.all([tellPeople(worker), tellPeople(worker)]);
  await tellPeople(worker);
};
const told = async (since: Date) => {
  const rows = await db().delivery.findMany({ where: { createdAt: { gte: since } }, orderBy: { id: "asc" } });
  return rows.map(({ recipient, event }) => `${recipient} ${event}`);
};

test("everybody concerned is told, each once, from the question to the proven end", async () => {
  const from = now();
  const asked = { connection: "warehouse", permission: "member", resource: { type: "role", id: "analysts" } };
  const { id } = await submitRequest(person(world, "ann"), {
    items: [asked],
    reason: "<b>audit</b>",
    duration: "PT2H",
  });
  await tellAll();
  expect(await told(from)).toEqual(["bob@acme.test request.waiting"]);
  await decideRequest(person(world, "bob"), { id, decision: "approve", comment: "fine" });
  await runJobs();
  await tellAll();
  expect((await told(from)).slice(1)).toEqual(["ann@acme.test request.decided", "ann@acme.test access.ready"]);
  const [grant] = await grantsOf(id);
  setClock(plus(grant?.endsAt ?? now(), -20 * minuteMs));
  await tellPeople(worker);
  await tellPeople(worker);
  setClock(null);
  expect(await told(from)).toContain("ann@acme.test access.ending_soon");
  await revokeGrant(person(world, "ann"), { id: grant?.id ?? "" });
  await runJobs();
  await tellAll();
  const all = await told(from);
  expect(all).toContain("ann@acme.test access.ended");
  expect(all).toHaveLength(5);
});

test("a break-glass is told to its owner and to security, and shows what it opened", async () => {
  const from = plus(now(), -1);
  const asked = { connection: "warehouse", permission: "member", resource: { type: "role", id: "analysts" } };
  const { id } = await submitRequest(person(world, "ann"), {
    items: [asked],
    reason: "fire",
    duration: "PT1H",
    breakGlass: true,
  });
  await runJobs();
  await tellAll();
  const all = await told(from);
  for (const name of ["cara", "sid", "sue"]) expect(all).toContain(`${name}@acme.test break_glass.used`);
  expect(await world.holds("ann", "analysts")).toBe(true);
  for (const grant of await grantsOf(id)) await revokeGrant(person(world, "sid"), { id: grant.id });
  await runJobs();
});
