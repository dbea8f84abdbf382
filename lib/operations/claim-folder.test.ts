import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { claimFolder, starterOf } from "./claim-folder";
import { keepSecrets } from "./keep-secrets";
import { assertPortFree } from "./port";
import { isRunning, markOf } from "./processes";
import { supervise } from "./supervise";

let folder: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "rollcall-claim-"));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

const address = "http://localhost:3000";

test("a second starter on the same data folder is refused, and told where the first is", async () => {
  const other = await sleeper();
  await writeClaim({ starter: other, children: [] });
  await expect(claimFolder(folder, address)).rejects.toThrow(`already runs at ${address} (process ${other.pid})`);
});

test("what a killed starter left running is ended, and nothing else of that number", async () => {
  const orphan = await sleeper();
  const stranger = await sleeper();
  await writeClaim({
    starter: { pid: process.pid, startedAt: "an earlier life" },
    children: [
      { name: "web", ...orphan },
      { name: "worker", pid: stranger.pid, startedAt: "an earlier life" },
    ],
  });
  const claim = await claimFolder(folder, address);
  expect(claim.ended).toEqual(["web"]);
  expect(isRunning(orphan)).toBe(false);
  expect(isRunning(stranger)).toBe(true);
  claim.release();
  expect(starterOf(folder)).toBeNull();
});

test("a claim that a crash cut in half is taken over", async () => {
  await writeFile(path.join(folder, "running.json"), '{"starter":{"pi');
  const claim = await claimFolder(folder, address);
  expect(starterOf(folder)?.starter.pid).toBe(process.pid);
  claim.release();
});

test("secrets are made once, whole, and readable by nobody else", async () => {
  const first = await keepSecrets(folder);
  expect(await keepSecrets(folder)).toEqual(first);
  expect(Buffer.from(first.ROLLCALL_ENCRYPTION_KEY, "base64")).toHaveLength(32);
  expect((await stat(path.join(folder, "secrets.json"))).mode & 0o777).toBe(0o600);
  await writeFile(path.join(folder, "secrets.json"), "{}");
  await expect(keepSecrets(folder)).rejects.toThrow("does not hold the secrets");
  expect(await readFile(path.join(folder, "secrets.json"), "utf8")).toBe("{}");
});

test("a port that is taken is refused by the name of who holds it", async () => {
  const program =
    "require('node:net').createServer().listen(0, '127.0.0.1', function () { console.log(this.address().port) })";
  const child = spawn(process.execPath, ["-e", program]);
  children.push(child);
  const port = Number(await new Promise((resolve) => child.stdout.once("data", resolve)));
  const holder = process.platform === "linux" ? new RegExp(`taken by .*process ${child.pid}`) : /taken by/;
  await expect(assertPortFree("127.0.0.1", port)).rejects.toThrow(holder);
});

test("a part that is killed is started again; one that is stopped is not", async () => {
  const pids: number[] = [];
  let secondStart: () => void = () => undefined;
  const twice = new Promise<void>((resolve) => {
    secondStart = resolve;
  });
  const part = supervise({
    name: "sleeper",
    args: ["-e", "setInterval(() => undefined, 1000)"],
    cwd: folder,
    env: process.env,
    onStart: (pid) => {
      pids.push(pid);
      if (pids.length === 1) setImmediate(() => process.kill(pid, "SIGKILL"));
      if (pids.length === 2) secondStart();
    },
    onLine: () => undefined,
    onEnd: () => undefined,
  });
  await twice;
  await part.stop();
  expect(pids).toHaveLength(2);
  expect(pids.map(markOf)).toEqual([null, null]);
});

async function sleeper() {
  const child = spawn(process.execPath, ["-e", "setInterval(() => undefined, 1000)"], { detached: true });
  children.push(child);
  await new Promise((resolve) => child.once("spawn", resolve));
  const mark = child.pid === undefined ? null : markOf(child.pid);
  if (!mark) throw new Error("the sleeper did not start");
  return mark;
}

async function writeClaim(content: object): Promise<void> {
  await writeFile(path.join(folder, "running.json"), JSON.stringify({ address, ...content }));
}
