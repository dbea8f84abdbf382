import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeDatabase, db, isDatabaseAway, rows } from "../db/client";
import { migrate } from "../db/migrate";
import { type MortalServer, startMortalServer18, startServer18, type TestServer } from "../db/test-clusters";
import { type Gallows, makeGallows, type Way } from "../db/test-gallows";
import { resetEnv } from "../env";
import { AppError } from "../errors";
import { revokeGrant } from "../grants/end-grant";
import { unlockDeadWorkers } from "../jobs/live-workers";
import { loadPolicies } from "../policies/load-policies";
import { decideRequest } from "./decide-request";
import { submitRequest } from "./submit-request";
import { startWorkerProcess, type WorkerProcess } from "./test-worker-process";
import { connect, makePeople, makeRoles, type World, worker } from "./test-world";

// Rollcall's own database is stopped as by `pg_ctl stop -m immediate` and started again, in the middle of giving and
// taking: first at every single commit of it, then again and again under people who go on asking, deciding and giving back.

const stops = process.env.CI ? 6 : 3;
const longest = 900_000;
let ours: MortalServer;
let target: TestServer;
let people: World["people"];
let gallows: Gallows;
let way: Way;
const workers: WorkerProcess[] = [];
beforeAll(async () => {
  process.env.ROLLCALL_ENCRYPTION_KEY = randomBytes(32).toString("base64");
  [ours, target] = await Promise.all([startMortalServer18(), startServer18()]);
  await closeDatabase();
  process.env.DATABASE_URL = ours.url;
  resetEnv();
  await migrate(ours.url);
  await loadPolicies(worker);
  people = await makePeople();
  await makeRoles(target);
  await connect(target, people.cara?.identityId ?? "");
  const made = makeGallows();
  gallows = made;
  way = await made.way({ port: ours.port, place: "database" });
  workers.push(startWorkerProcess({ DATABASE_URL: ours.url.replace(`:${ours.port}/`, `:${way.port}/`) }));
}, 240_000);
afterAll(async () => {
  for (const one of workers) await one.end("SIGKILL");
  await closeDatabase();
  await way?.stop();
  await Promise.all([ours?.stop(), target?.stop()]);
}, 60_000);

const stopAndStart = async () => {
  await ours.stopAtOnce();
  await ours.again();
};

const analysts = { connection: "warehouse", permission: "member", resource: { type: "role", id: "analysts" } };
type Give = "assignment" | "credential";

function person(name: string) {
  const found = people[name];
  if (!found) throw new Error(`there is no ${name}`);
  return found;
}

/** Does it, also when the database is away meanwhile: then it is done again, as a person would. @returns null: refused */
async function insist<T>(work: () => Promise<T>): Promise<T | null> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof AppError && error.code !== "unavailable") return null;
      if (!(error instanceof AppError) && !isDatabaseAway(error)) throw error;
      await wait(20);
    }
  }
}

// What the product does within seconds is done at once here: the dead lose their jobs, and what failed is tried again.
async function hurry(): Promise<void> {
  await unlockDeadWorkers(0);
  await rows(`update graphile_worker._private_jobs j set run_at = now() from graphile_worker._private_tasks t
    where t.id = j.task_id and t.identifier like 'converge-%' and j.locked_at is null and j.run_at > now()`);
}

async function until(sql: string, id: string | null, value: unknown): Promise<void> {
  const look = () =>
    insist(async () => {
      await hurry();
      return (await rows<{ value: unknown }>(sql, id === null ? [] : [id]))[0]?.value;
    });
  await expect.poll(look, { timeout: 120_000, interval: 50 }).toBe(value);
}
const stateSql = "select state as value from grants where id = $1::uuid";

const grantOf = async (request: string) =>
  (await insist(() => rows<{ id: string }>("select id from grants where request_id = $1::uuid", [request])))?.[0]?.id ??
  "";

async function lifeOf(give: Give, at: { nth: number; moment: "before" | "after" }) {
  const asked = { items: [analysts], reason: "x", duration: "PT2H", give };
  const id = (await insist(() => submitRequest(person("ann"), asked)))?.id ?? "";
  gallows.arm({ ...at, places: ["database"] }, stopAndStart);
  await insist(() => decideRequest(person("bob"), { id, decision: "approve" }));
  const grant = await grantOf(id);
  await until(stateSql, grant, "active");
  const held = await holders();
  await insist(() => revokeGrant(person("ann"), { id: grant }));
  await until(stateSql, grant, "ended");
  await gallows.rest();
  const [fell, words] = [gallows.fell(), gallows.words()];
  // What comes later is another life's.
  gallows.arm({ nth: -1, moment: "before", places: [] }, stopAndStart);
  const [receipt, told] = (await insist(() => Promise.all([receiptOf(grant), eventsOf(grant)]))) ?? [];
  return { fell, words, came: { held, after: await holders(), receipt, told } };
}

async function receiptOf(grant: string): Promise<string[]> {
  const steps = await rows<{ step: string }>("select step from grant_steps where grant_id = $1 order by id", [grant]);
  return steps.map(({ step }) => step).filter((step) => step !== "failed");
}

const eventsOf = (grant: string) =>
  rows(
    `select action, count(*)::int from audit_events where target_id = $1 and action not like '%_failed' group by 1 order by 1`,
    [grant],
  );

/** Who holds the role at the target, as the target says: accounts of people, and how many that were made for a time. */
async function holders(): Promise<string[]> {
  const client = await target.connect();
  const { rows: found } = await client.query<{ name: string }>(
    `select member::regrole::text as name from pg_auth_members where roleid = 'analysts'::regrole
     and member::regrole::text not in ('rollcall_gives', 'rollcall')`,
  );
  await client.end();
  return found.map(({ name }) => (["ann", "eve"].includes(name) ? name : "made")).sort();
}

test.each(["assignment", "credential"] as const)(
  "at every commit of giving and taking by %s: all goes on, once, and the receipt is the same",
  async (give) => {
    const { came: undisturbed, words } = await lifeOf(give, { nth: -1, moment: "before" });
    expect(undisturbed).toMatchObject({ held: [give === "assignment" ? "ann" : "made"], after: [] });
    let nth = 0;
    for (let fell = true; fell; nth++) {
      const life = await lifeOf(give, { nth, moment: nth % 2 ? "before" : "after" });
      expect(life.came, `stopped at ${nth} of ${life.words.join(" | ")}`).toEqual(undisturbed);
      fell = life.fell;
    }
    expect(nth, words.join(" | ")).toBeGreaterThan(4);
  },
  longest,
);

type Acknowledged = { requests: string[]; approved: string[]; revoked: string[] };

/** Asks, approves and gives back, again and again; keeps what was answered with success. */
async function goOn(name: "ann" | "eve", give: Give, done: Acknowledged, going: () => boolean): Promise<void> {
  for (let round = 0; going(); round++) {
    const asked = { items: [analysts], reason: "x", duration: "PT2H", give };
    const id = (await insist(() => submitRequest(person(name), asked)))?.id;
    if (id === undefined) continue;
    done.requests.push(id);
    if ((await insist(() => decideRequest(person("bob"), { id, decision: "approve" }))) !== null)
      done.approved.push(id);
    const grant = await grantOf(id);
    if (grant === "" || round % 4 === 3) continue;
    if (round % 2) await until("select (state <> 'scheduled') as value from grants where id = $1::uuid", grant, true);
    if ((await insist(() => revokeGrant(person(name), { id: grant }))) !== null) done.revoked.push(grant);
  }
}

test(
  `stopped ${stops} times under load: held is what somebody can say why, and nothing that was acknowledged is lost`,
  async () => {
    workers.push(startWorkerProcess());
    const done: Acknowledged = { requests: [], approved: [], revoked: [] };
    let going = true;
    const clients = (["ann", "eve", "ann"] as const).map((name, n) =>
      goOn(name, n === 2 ? "credential" : "assignment", done, () => going),
    );
    for (let n = 0; n < stops; n++) {
      const before = done.revoked.length;
      await expect.poll(() => done.revoked.length, { timeout: 120_000 }).toBeGreaterThan(before + 4);
      await stopAndStart();
    }
    going = false;
    await Promise.all(clients);
    await until("select count(*)::int as value from grants where state not in ('active', 'ended')", null, 0);

    const live = await db().grant.findMany({ where: { state: "active" }, select: { give: true, subjectId: true } });
    const said = live.map(({ give, subjectId }) => (give === "credential" ? "made" : subjectId));
    const names = new Map(Object.values(people).map(({ identityId, name }) => [identityId, name]));
    // Several grants of one person's account are one membership, and each that was made for a time is one of its own.
    const expected = [...new Set(said.filter((one) => one !== "made"))].map((id) => names.get(id) ?? id);
    expect(await holders()).toEqual([...expected, ...said.filter((one) => one === "made")].sort());

    const missing = async (sql: string, ids: string[]) =>
      (await rows<{ id: string }>(`select w.id from unnest($1::uuid[]) w (id) where not exists (${sql})`, [ids]))
        .length;
    expect(await missing("select from requests r where r.id = w.id", done.requests)).toBe(0);
    const approvedSql =
      "select from decisions d join grants g using (request_id) where d.request_id = w.id and d.decision = 'approve'";
    expect(await missing(approvedSql, done.approved)).toBe(0);
    expect(await missing("select from grants g where g.id = w.id and g.state = 'ended'", done.revoked)).toBe(0);
    const twice = await rows(
      `select target_id, action from audit_events where action in ('request.approved', 'grant.began', 'grant.activated', 'grant.ended')
     and outcome = 'allowed' group by 1, 2 having count(*) > 1
     union all select grant_id::text, step from grant_steps where step in ('ordered', 'proven') group by 1, 2 having count(*) > 1`,
    );
    expect(twice).toEqual([]);
    process.stdout.write(
      `stopped ${stops} times: ${done.requests.length} asked, ${done.approved.length} approved, ${done.revoked.length} given back, ${live.length} live\n`,
    );
  },
  longest,
);
