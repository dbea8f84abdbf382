import { afterAll, beforeAll, expect, test } from "vitest";
import { startServer18, type TestServer } from "../../db/test-clusters";
import { startKillingProxy } from "../../requests/test-killing-proxy";
import { grant, readBack, revoke } from "./give-access";
import {
  adminOption,
  asAdministrator,
  callOn,
  held,
  makeProvisioner,
  membershipOf,
  provisioner,
} from "./test-provisioner";

let server: TestServer;
const sql = (text: string) => asAdministrator(server, (client) => client.query(text));
const one = held("ann", membershipOf("analysts"));
const give = () => grant(callOn(server), { ...one, until: null });

beforeAll(async () => {
  server = await startServer18();
  await makeProvisioner(server);
  await sql("create role ann login; create role analysts");
  await sql(adminOption(server, "analysts"));
});
afterAll(() => server.stop());

async function sessions(): Promise<number[]> {
  const { rows } = await sql(`select pid from pg_stat_activity where usename = '${provisioner}' order by pid`);
  return rows.map(({ pid }) => pid);
}

test("changes that follow one another share a session, which is closed when none follows", async () => {
  await give();
  const first = await sessions();
  expect(first).toHaveLength(1);
  expect(await readBack(callOn(server), one)).toMatchObject({ held: true, ours: true });
  await revoke(callOn(server), one);
  expect(await sessions()).toEqual(first);
  await expect.poll(sessions, { timeout: 120_000 }).toEqual([]);
});

test("several at once have a session each, and none is in the other's way", async () => {
  await Promise.all([give(), give(), give(), readBack(callOn(server), one)]);
  expect(await readBack(callOn(server), one)).toMatchObject({ held: true });
  expect((await sessions()).length).toBeLessThanOrEqual(4);
});

test("a session that the server ended meanwhile is replaced, unseen", async () => {
  await give();
  await sql(`select pg_terminate_backend(pid, 10000) from pg_stat_activity where usename = '${provisioner}'`);
  expect(await revoke(callOn(server), one)).toMatchObject({ outcome: "done" });
});

test("a session that went without a word is given up soon, and a fresh sign-in does the work once", async () => {
  const proxy = await startKillingProxy(server.port);
  const call = () => callOn({ ...server, port: proxy.port });
  await grant(call(), { ...one, until: null });
  let answer: () => void = () => undefined;
  proxy.at(
    "reset role",
    "held",
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  );
  expect(await revoke(call(), one)).toMatchObject({ outcome: "done" });
  expect(await readBack(callOn(server), one)).toMatchObject({ held: false });
  answer();
  await proxy.stop();
});

test("whoever comes with a new secret finds none that was signed in with the old one, and ends those", async () => {
  await give();
  const before = await sessions();
  expect(before.length).toBeGreaterThan(0);
  await sql(`alter role ${provisioner} password 'rotated-canary'`);
  const call = callOn(server);
  const rotated = { ...call, secrets: { ...call.secrets, provisionPassword: "rotated-canary" } };
  expect(await revoke(rotated, one)).toMatchObject({ outcome: "done" });
  await expect
    .poll(async () => (await sessions()).filter((pid) => before.includes(pid)), { timeout: 60_000 })
    .toEqual([]);
  expect(await sessions()).toHaveLength(1);
  await expect(give()).rejects.toMatchObject({ code: "credentials" });
  await sql(`alter role ${provisioner} password 'provision-canary'`);
});

test("a call that was given up ends its own work only", async () => {
  await give();
  const stop = new AbortController();
  stop.abort();
  await expect(revoke(callOn(server, {}, stop.signal), one)).rejects.toMatchObject({ retryable: true });
  expect(await revoke(callOn(server), one)).toMatchObject({ outcome: "done" });
});

test("other credentials never find the session of these", async () => {
  await give();
  const call = callOn(server);
  const wrong = { ...call, secrets: { ...call.secrets, provisionPassword: "another" } };
  await expect(revoke(wrong, one)).rejects.toMatchObject({ code: "credentials" });
});
