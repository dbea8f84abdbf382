import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { importFile } from "../connections/import-file";
import { db, rows } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { resetEnv } from "../env";
import { loadPolicies } from "../policies/load-policies";
import { makePeople, person, refusal, type World, worker } from "../requests/test-world";
import { cancelOffboarding } from "./cancel-offboarding";
import { dismissRehire } from "./dismiss-rehire";
import { findLeavers } from "./find-leavers";
import { getOffboarding } from "./queries";
import { startOffboarding } from "./start-offboarding";
import { runLeaving } from "./test-leaving";
import { countDesk, listWaitingRuns } from "./waiting-queries";

let database: Awaited<ReturnType<typeof freshDatabase>>;
let people: World["people"];
beforeAll(async () => {
  process.env.SMTP_URL = "smtp://127.0.0.1:1";
  process.env.NEXTAUTH_SECRET = "a secret that is long enough for links";
  resetEnv();
  database = await freshDatabase();
  people = await makePeople();
  await loadPolicies(worker);
});
afterAll(async () => {
  delete process.env.SMTP_URL;
  resetEnv();
  await database.drop();
});

const who = (name: string) => person({ people } as World, name);

/** The personnel department's list, with the people of these names, read and compared. */
async function list(...names: string[]): Promise<void> {
  const bytes = Buffer.from(["name,email", ...names.map((name) => `${name},${name}@acme.test`)].join("\n"));
  const file = { name: "people.csv", stream: Readable.from([bytes]), size: bytes.length };
  const { connectionId } = await importFile(worker, {
    ...{ connector: "csv", name: "people", file, mapping: null, isIdentitySource: true },
  });
  const data = { brakeKindShare: 1, brakeAssignmentShare: 1 };
  await db().connection.update({ where: { id: connectionId }, data });
  await findLeavers(worker, { connectionId });
}

const others = ["bob", "dana", "cara", "sid", "sue", "adam"];

async function leave(name: string): Promise<string> {
  await rows("update offboardings set created_at = created_at - interval '2 hours'");
  const { id } = await startOffboarding(who("sid"), { identity: `${name}@acme.test`, reason: "resigned" });
  await runLeaving(id);
  await runLeaving(id);
  return id;
}
const standing = async (name: string) => {
  const { leftAt } = await db().identity.findUniqueOrThrow({ where: { id: who(name).identityId } });
  const { disabledAt } = await db().user.findUniqueOrThrow({ where: { id: who(name).userId } });
  return leftAt === null && disabledAt === null ? "here" : leftAt && disabledAt ? "left" : "half";
};
const proposals = async (id: string) =>
  (await getOffboarding(who("sid"), { id })).rehires.map(({ source, account, state }) => [
    ...[source.name, account, state],
  ]);
const mails = (name: string) =>
  rows<{ recipient: string }>("select recipient from deliveries where subject = $1 order by 1", [
    `Was ${name} hired again?`,
  ]);
const events = async (id: string) =>
  (
    await rows<{ action: string }>(
      "select action from audit_events where target_id = $1 and action like 'offboarding.rehire%' order by at, id",
      [id],
    )
  ).map(({ action }) => action.replace("offboarding.rehire_", ""));

test("who left and is listed again is proposed as hired again, once, and let in only by a person", async () => {
  await list("ann", "eve", ...others);
  const id = await leave("ann");
  // The list is old for a week: that says nothing.
  await list("ann", "eve", ...others);
  expect(await proposals(id)).toEqual([]);
  await list("eve", ...others);
  for (let time = 0; time < 2; time++) await list("ann", "eve", ...others);
  expect(await proposals(id)).toEqual([["people", "ann", "open"]]);
  expect(await standing("ann")).toBe("left");
  expect(await mails("ann")).toEqual([
    { recipient: "bob@acme.test" },
    { recipient: "sid@acme.test" },
    { recipient: "sue@acme.test" },
  ]);
  for (const name of ["sid", "bob"]) {
    expect((await listWaitingRuns(who(name))).map((run) => [run.id, run.hiredAgain])).toEqual([[id, true]]);
    expect((await countDesk(who(name))).value).toBe(1);
  }
  expect(await listWaitingRuns(who("cara"))).toEqual([]);
  expect(await refusal(dismissRehire(who("cara"), { id, reason: "not mine" }))).toMatch(/forbidden/);

  await cancelOffboarding(who("bob"), { id, reason: "back since May", why: "rehired" });
  await runLeaving(id);
  expect(await standing("ann")).toBe("here");
  expect(await proposals(id)).toEqual([["people", "ann", "accepted"]]);
  expect((await countDesk(who("sid"))).value).toBe(0);
  expect(await events(id)).toEqual(["proposed"]);
});

test("that the source is wrong is recorded with its reason, and asked again only when it shows them anew", async () => {
  await list("eve", ...others);
  const id = await leave("eve");
  await list(...others);
  await list("eve", ...others);
  expect(await refusal(dismissRehire(who("cara"), { id, reason: "not mine" }))).toMatch(/forbidden/);
  await dismissRehire(who("sid"), { id, reason: "a test of the personnel system" });
  await list("eve", ...others);
  expect(await proposals(id)).toEqual([["people", "eve", "dismissed"]]);
  expect(await standing("eve")).toBe("left");
  expect((await countDesk(who("sid"))).value).toBe(0);
  expect(await refusal(dismissRehire(who("sid"), { id, reason: "once more" }))).toMatch(/conflict: Nothing proposes/);

  await list(...others);
  await list("eve", ...others);
  expect(await proposals(id)).toEqual([
    ["people", "eve", "open"],
    ["people", "eve", "dismissed"],
  ]);
  await list(...others);
  expect((await proposals(id))[0]).toEqual(["people", "eve", "withdrawn"]);
  expect(await events(id)).toEqual(["proposed", "dismissed", "proposed", "withdrawn"]);
  expect(await standing("eve")).toBe("left");
});
