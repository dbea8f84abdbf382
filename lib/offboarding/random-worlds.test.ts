import { afterAll, beforeAll, expect, test } from "vitest";
import { hasSamba } from "../connectors/ldap/test-samba";
import { hasSlapd } from "../connectors/ldap/test-slapd";
import { Dice } from "../connectors/postgresql/test-dice";
import { provisioner } from "../connectors/postgresql/test-provisioner";
import { db, rows } from "../db/client";
import { worker } from "../requests/test-world";
import { startOffboarding } from "./start-offboarding";
import { type Answer, type Answers, askAll } from "./test-answers";
import { askedAndGiven } from "./test-asking";
import { runLeaving, runOf, stepsOf } from "./test-leaving";
import { makeRandomWorld, type RandomWorld } from "./test-random-world";
import { readAll, startWorlds, type Worlds } from "./test-worlds";

// Random companies in two PostgreSQL servers of different versions, an OpenLDAP directory and an Active Directory. Some of
// them leave; then each system itself is asked about everybody. In CI always the same ones; on a desk others each time.
// MODEL_SEED plays one again, and WORLDS sets how many.

const first = Number(process.env.MODEL_SEED ?? (process.env.CI ? 3 : Math.floor(Math.random() * 1e6)));
const seeds = Array.from({ length: Number(process.env.WORLDS ?? 2) }, (_, n) => first + n);

let worlds: Worlds;
beforeAll(async () => {
  worlds = await startWorlds({ directory: hasSlapd(), domain: hasSamba() });
}, 240_000);
afterAll(() => worlds?.drop());

test.each(seeds)(
  "who leaves has nothing left in any system and cannot sign in, and nobody else is touched (seed %i)",
  async (seed) => {
    const world = await makeRandomWorld(worlds, seed);
    await readAll(worlds);
    const grants = await askedAndGiven(worlds, world, new Dice(seed + 1));
    await readAll(worlds);
    const before = await askAll(worlds, world.prefix);
    const leavers = choose(world, new Dice(seed + 2));
    for (const { name, holdDays } of leavers) await leave(name, world.identities.get(name) ?? "", holdDays);
    const after = await askAll(worlds, world.prefix);

    const names = new Set(leavers.map(({ name }) => name));
    expect(onlyOthers(after, names)).toEqual(onlyOthers(before, names));
    for (const { name, holdDays } of leavers)
      expect(await remainsOf(name, world, after), `${name}, deleted after ${holdDays} days`).toEqual([]);
    for (const { name, client, cut } of world.sessions) {
      expect([name, cut]).toEqual([name, names.has(name)]);
      if (!cut) await client.query("select 1");
    }
    const held = [...before.values()].flatMap((them) => [...names].flatMap((name) => them.get(name)?.direct ?? []));
    console.info(`seed ${seed}: ${names.size} left, who held ${held.length} accesses, ${grants} grants were live`);
    expect(held.length).toBeGreaterThan(10);
    await Promise.all(world.sessions.map(({ client }) => client.end().catch(() => undefined)));
  },
  300_000,
);

function choose({ people, machines }: RandomWorld, dice: Dice): { name: string; holdDays: number | null }[] {
  const chosen = [...new Set([...dice.some(people, 4), dice.pick(people), dice.pick(people), dice.pick(machines)])];
  return chosen.map((name) => ({ name, holdDays: dice.chance(0.4) ? 0 : null }));
}

// As many as leave here within a minute would be held by the brake.
async function leave(name: string, identity: string, holdDays: number | null): Promise<void> {
  await db().$executeRaw`update offboardings set created_at = created_at - interval '2 hours'`;
  const { id } = await startOffboarding(worker, { identity, holdDays, emergency: true });
  for (let round = 0; round < 20; round++) {
    await db()
      .$executeRaw`update graphile_worker._private_jobs set run_at = now(), attempts = 0 where locked_at is null`;
    await runLeaving(id);
    if (["closed", "waiting_for_people"].includes((await runOf(id)).state)) break;
  }
  const run = await runOf(id);
  expect([name, run.state, run.containedAt]).toEqual([
    name,
    expect.stringMatching(/closed|waiting_for_people/),
    expect.any(Date),
  ]);
  const open = (await stepsOf(id)).filter(({ state }) => !gone.includes(state));
  // Who owns something, or holds what others gave, cannot be dropped; what stands in the way is named.
  for (const step of open)
    expect(step).toMatchObject({
      ...{ kind: "deletion", state: "needs_person" },
      lastError: { code: "impossible", message: expect.stringMatching(/cannot be dropped: .*(owner|privileges)/) },
    });
}

const gone = ["verified", "with_account"];

function onlyOthers(answers: Answers, leavers: ReadonlySet<string>) {
  return [...answers].map(([system, them]) => [
    system,
    [...them].filter(([name]) => !leavers.has(name)).sort(([one], [other]) => one.localeCompare(other)),
  ]);
}

/** What is not as it should be of somebody who left, in words. */
async function remainsOf(name: string, { nobody }: RandomWorld, after: Answers): Promise<string[]> {
  const wrong: string[] = [];
  const receipt = await withAccount(name);
  for (const [system, them] of after) {
    const it = them.get(name);
    if (!it) continue;
    if (it.login || it.opened) wrong.push(`${system}: it can sign in (${it.login}, ${it.opened})`);
    if (it.sessions) wrong.push(`${system}: ${it.sessions} sessions`);
    const said = receipt.get(system) ?? [];
    const left = leftIn(it);
    if (left.join() !== said.join()) wrong.push(`${system}: left are ${left}, and the receipt says ${said}`);
    const ours = it.direct.filter((one) => one.endsWith(`by ${provisioner}`));
    if (ours.length > 0) wrong.push(`${system}: what Rollcall could take: ${ours}`);
    const holds = it.holds.filter((one) => !them.get(nobody)?.holds.includes(one));
    if (left.length === 0 && holds.length > 0) wrong.push(`${system}: ${holds}`);
  }
  return wrong;
}

// In a server what it is, in a directory in which group.
function leftIn({ direct, sessions }: Answer): string[] {
  return sessions === null ? direct : direct.map((one) => one.replace(/ by .*/, "")).sort();
}

/** What the receipt says went with the account only: by system, as `leftIn`. */
async function withAccount(name: string): Promise<Map<string, string[]>> {
  const steps = await rows<{ name: string }>(
    `select s.name from offboarding_steps s join offboardings o on o.id = s.offboarding_id
     join identities i on i.id = o.identity_id where i.name = $1 and i.kind_reason = 'test' and s.kind = 'access' and s.state = 'with_account'`,
    [name],
  );
  const left = new Map<string, string[]>();
  for (const step of steps) {
    const [, permission = "", thing = "", system = ""] = /^(.*?) on (.*) in (\S+)$/.exec(step.name) ?? [];
    // Of which one is no member in its list: that an account has a primary group is part of the account.
    if (thing === "Domain Users") continue;
    const what = system.startsWith("cluster") ? permission : /^(?:cn=)?([^,]*)/i.exec(thing)?.[1];
    left.set(system, [...(left.get(system) ?? []), what ?? ""].sort());
  }
  return left;
}
