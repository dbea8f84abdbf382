import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startEmbedded } from "./embedded";
import { serverProcess } from "./embedded-process";

let folder: string;
const cluster = () => path.join(folder, "cluster");
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "rollcall-embedded-"));
});
afterEach(async () => {
  const server = await startEmbedded(folder, { durable: false });
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

test("a server that outlived its starter is taken over, with what is in it", async () => {
  const first = await startEmbedded(folder, { durable: false });
  await run(first.url, "create table kept (id int)");
  const second = await startEmbedded(folder, { durable: false });
  expect(second).toMatchObject({ startedHere: false, port: first.port });
  await run(second.url, "insert into kept values (1)");
});

test("after kill -9 of the server with sessions open, the next start answers", async () => {
  const first = await startEmbedded(folder);
  const session = new pg.Client({ connectionString: first.url });
  session.on("error", () => undefined);
  await session.connect();
  const busy = session.query("select count(*) from generate_series(1, 1000000000)").catch((error) => error);
  await run(first.url, "create table kept (id int)");
  process.kill((await serverProcess(cluster())) ?? 0, "SIGKILL");
  const second = await startEmbedded(folder);
  expect(second).toMatchObject({ startedHere: true });
  await run(second.url, "insert into kept values (1)");
  expect(await busy).toBeInstanceOf(Error);
});

test("a postmaster.pid that now names another program does not stop the start", async () => {
  const first = await startEmbedded(folder, { durable: false });
  const noted = await readFile(path.join(cluster(), "postmaster.pid"), "utf8");
  await first.stop();
  await writeFile(path.join(cluster(), "postmaster.pid"), noted.replace(/^\d+/, String(process.pid)));
  const second = await startEmbedded(folder, { durable: false });
  expect(second.startedHere).toBe(true);
});

test("a first start that was killed half way is begun anew", async () => {
  await writeFile(path.join(folder, "server.json"), JSON.stringify({ port: 0, password: "of the first try" }));
  const server = await startEmbedded(folder, { durable: false });
  await run(server.url, "select 1");
});

test("others can neither read the password nor list the data", async () => {
  await startEmbedded(folder, { durable: false });
  expect((await stat(path.join(folder, "server.json"))).mode & 0o077).toBe(0);
  expect((await stat(cluster())).mode & 0o077).toBe(0);
  expect((await stat(folder)).mode & 0o007).toBe(0);
});

test.runIf(process.getuid?.() === 0)(
  "started by root in a folder that nobody else may enter, it keeps its data where its user may, and says so",
  async () => {
    await chmod(folder, 0o700);
    const inside = path.join(folder, "product", ".rollcall");
    const server = await startEmbedded(inside, { durable: false });
    await run(server.url, "create table kept (id int)");
    const elsewhere = /data in (\/var\/lib\/rollcall\/[0-9a-f]+)/.exec(server.note ?? "")?.[1] ?? "";
    expect((await stat(path.join(elsewhere, "cluster"))).uid).not.toBe(0);
    await server.stop();
    const again = await startEmbedded(inside, { durable: false });
    await run(again.url, "select 1 from kept");
    await again.stop();
    await rm(elsewhere, { recursive: true, force: true });
  },
);

async function run(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}
