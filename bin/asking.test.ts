import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { db } from "@/lib/db/client";
import { runJobs, type World } from "@/lib/requests/test-world";
import { dayMs, now, plus } from "@/lib/time";
import { type Company, startCompany } from "./test-company";
import { jsonLines, runRollcall } from "./test-rollcall";

let world: World;
let rollcall: Company["rollcall"];
let company: Company;
beforeAll(async () => {
  company = await startCompany();
  ({ world, rollcall } = company);
}, 120_000);
afterAll(() => company.drop());

const asking = ["request", "warehouse", "member", "analysts", "--duration", "PT1H", "--reason", "quarter end"];

async function pendingOne(): Promise<{ id: string; number: bigint }> {
  for (;;) {
    const found = await db().request.findFirst({ where: { state: "pending" }, select: { id: true, number: true } });
    if (found) return found;
    await wait(50);
  }
}

async function workUntil<Value>(done: Promise<Value>): Promise<Value> {
  let over = false;
  const watched = done.finally(() => {
    over = true;
  });
  while (!over) {
    await runJobs();
    await Promise.race([watched.catch(() => undefined), wait(50)]);
  }
  return watched;
}

test("somebody asks and waits, another approves, and the credential comes out and works", async () => {
  const waiting = rollcall("ann", ...asking, "--give", "credential", "--wait", "--json");
  const { id, number } = await pendingOne();
  const [inbox] = jsonLines((await rollcall("bob", "requests", "--inbox", "--json")).out);
  expect(inbox).toMatchObject({ id, status: "pending", reason: "quarter end" });
  const approved = await rollcall("bob", "approve", `R-${number}`, "--comment", "fine");
  expect(approved).toMatchObject({ code: 0, err: "" });
  expect(approved.out).toContain(`R-${number} approved, is being given\n`);
  const asked = await workUntil(waiting);
  expect(asked).toMatchObject({ code: 0, err: "" });
  const [request, credential] = jsonLines(asked.out);
  expect(request).toMatchObject({ id, status: "fulfilled" });
  const user = Object.values<string>(credential.facts).find((value) => value.includes("ann")) ?? "";
  const client = await world.server.connect("postgres", user, credential.secret);
  await client.query("select * from invoices").finally(() => client.end());

  const [grant] = jsonLines((await rollcall("ann", "grants", "--mine", "--json")).out);
  expect(grant).toMatchObject({ id: credential.grantId, status: "active", give: "credential" });
  const more = await rollcall("ann", "extend", grant.id, "--duration", "PT1H", "--reason", "more to do");
  expect(more.out).toMatch(/^R-\d+ pending, waits for bob\n$/);
  expect((await rollcall("bob", "deny", /R-\d+/.exec(more.out)?.[0] ?? "", "--comment", "enough")).code).toBe(0);
  expect((await rollcall("ann", "revoke", grant.id)).out).toMatch(/^Its end is ordered \(ending\)/);
  await runJobs();
  const receipt = await rollcall("ann", "grants", grant.id);
  expect(receipt.out).toMatch(/: ended until .*delivered .*proven /s);
  expect(receipt.out).not.toContain(credential.secret);
});

test("a request that is denied ends the waiting with exit 1 and says why", async () => {
  const waiting = rollcall("ann", ...asking, "--wait");
  const { id } = await pendingOne();
  expect((await rollcall("ann", "approve", id)).err).toMatch(/^rollcall: Nobody decides on a request of their own/);
  expect((await rollcall("eve", "approve", id)).code).toBe(1);
  expect((await rollcall("bob", "deny", id, "--comment", "not this week")).code).toBe(0);
  const asked = await waiting;
  expect(asked).toMatchObject({ code: 1, err: "" });
  expect(asked.out).toMatch(/^R-\d+ denied: not this week\n$/);
});

test("several things are looked at, asked for, asked back on, approved in part and taken back", async () => {
  const both = [...asking.slice(0, 4), "--and", "warehouse", "member", "auditors"];
  const [found, long, short, nothing, half] = await Promise.all([
    rollcall("ann", "catalogue", "analy", "--system", "warehouse", "--json"),
    rollcall("ann", ...both, "--duration", "P60D", "--preview"),
    rollcall("ann", ...both, "--duration", "PT1H", "--preview", "--json"),
    rollcall("ann", ...both, "--duration", "PT1H"),
    rollcall("ann", ...asking, "--and", "warehouse", "member"),
  ]);
  expect(jsonLines(found.out)).toMatchObject([{ resource: { name: "analysts" }, held: false, byHand: false }]);
  expect(long).toMatchObject({ code: 1, err: "" });
  expect(long.out).toMatch(/cannot be asked for.* member on analysts can be had for 30 d at most.*P30D or less/s);
  expect(short.code).toBe(0);
  expect(jsonLines(short.out)).toMatchObject([{ allowed: true, maxSeconds: 604_800, items: [{}, {}] }]);
  expect(nothing).toMatchObject({ code: 2, out: "", err: expect.stringContaining("--reason") });
  expect(half).toMatchObject({ code: 2, out: "", err: expect.stringContaining("--and takes three words") });

  const made = await rollcall("ann", ...both, ...asking.slice(4), "--json");
  const [request] = jsonLines(made.out);
  expect(request).toMatchObject({ status: "pending", items: [{}, {}] });
  const name = `R-${request.number}`;
  expect((await rollcall("bob", "ask-back", name, "--comment", "Which quarter?")).out).toMatch(/who asked back/);
  expect((await rollcall("ann", "answer", name, "The third.")).code).toBe(0);
  expect((await rollcall("bob", "approve", name, "--without", "3")).code).toBe(2);
  const part = await rollcall("bob", "approve", name, "--without", "2", "--duration", "PT30M");
  expect(part).toMatchObject({ code: 0, out: expect.stringContaining("waits for cara") });
  expect((await rollcall("ann", "cancel", name, "--reason", "done by hand")).out).toMatch(/cancelled: done by hand/);
  const told = (await rollcall("ann", "requests", name)).out;
  expect(told).toMatch(/2 {2}member on auditors in warehouse, left out by bob/);
  expect(told).toMatch(/bob: approve, for PT30M, 1 left out/);
  expect(told).toMatch(/bob: Which quarter\?\n.*ann: The third\./);
});

test("somebody stands in, and a broken glass is judged by two, at the terminal", async () => {
  const until = plus(now(), 5 * dayMs).toISOString();
  const [vague, made] = await Promise.all([
    rollcall("bob", "delegate", "dana@acme.test", "--until", "tomorrow"),
    rollcall("bob", "delegate", "dana@acme.test", "--until", until, "--json"),
  ]);
  expect(vague).toMatchObject({ code: 2, out: "" });
  const [{ id }] = jsonLines(made.out);
  expect((await rollcall("bob", "delegations")).out).toContain(`${id}  dana for bob`);
  expect((await rollcall("bob", "end-delegation", id)).out).toBe("Ended.\n");

  const [broken] = jsonLines((await rollcall("ann", ...asking, "--break-glass", "--json")).out);
  await runJobs();
  const [waiting] = jsonLines((await rollcall("sid", "reviews", "--json")).out);
  expect(waiting).toMatchObject({ requestId: broken.id, number: broken.number, given: 0, needed: 2 });
  const judge = (who: string) =>
    rollcall(who, "review", `R-${broken.number}`, "--opinion", "justified", "--comment", "The alert was real");
  const [own, first] = await Promise.all([judge("ann"), judge("sid")]);
  expect(own.err).toMatch(/No break-glass R-\d+ waits for your judgement/);
  expect(first.out).toMatch(/waits for somebody else/);
  expect((await judge("cara")).out).toMatch(/is closed/);
  const [grant] = jsonLines((await rollcall("ann", "grants", "--mine", "--state", "active", "--json")).out);
  expect((await rollcall("ann", "give-back", grant.id)).out).toMatch(/^Its end is ordered/);
  await runJobs();
});

test("nobody is taken for somebody: without a token, or towards an open wire, nothing is sent", async () => {
  const nobody = await rollcall(null, "requests");
  expect(nobody).toMatchObject({ code: 1, out: "" });
  expect(nobody.err).toMatch(/ROLLCALL_TOKEN.*rollcall token create/);
  const env = { ROLLCALL_URL: "http://rollcall.example.com", ROLLCALL_TOKEN: company.tokens.ann };
  expect(await runRollcall(["requests"], { env })).toMatchObject({ code: 2, out: "" });
  expect((await rollcall("ann", "request", "warehouse", "member", "kings", ...asking.slice(4))).err).toMatch(
    /offers no member on kings/,
  );
});
