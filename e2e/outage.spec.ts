import { readFile } from "node:fs/promises";
import path from "node:path";
import { type APIRequestContext, expect, test } from "./journey";

// One of each kind of door: a probe, the API, a page.
const doors = ["/api/ready", "/api/v1/identities", "/identities"];

test("while the database is killed and comes back, every door says 503 and when to try again, and none says 500", async ({
  request,
}) => {
  for (const door of doors) await expect.poll(() => status(request, door)).toBe(200);
  const before = await serverPid();
  process.kill(before, "SIGKILL");
  const seen: { door: string; status: number; retryAfter: string | undefined }[] = [];
  for (let good = 0; good < doors.length; ) {
    const answers = await Promise.all(doors.map((door) => ask(request, door)));
    seen.push(...answers);
    good = answers.filter((answer) => answer.status === 200).length;
  }
  const refused = seen.filter((answer) => answer.status !== 200);
  expect(new Set(refused.map((answer) => answer.status))).toEqual(new Set([503]));
  expect(refused.every((answer) => Number(answer.retryAfter) > 0)).toBe(true);
  expect(await serverPid()).not.toBe(before);
});

test("a web process that is killed is back by itself, and a worker too", async ({ request }) => {
  const children = await childrenOf();
  for (const child of children) process.kill(child.pid, "SIGKILL");
  await expect.poll(() => status(request, "/api/ready"), { timeout: 30_000 }).toBe(200);
  const pids = (await childrenOf()).map((child) => child.pid);
  for (const child of children) expect(pids).not.toContain(child.pid);
});

async function ask(request: APIRequestContext, door: string) {
  const answer = await request.get(door, { maxRedirects: 0 });
  return { door, status: answer.status(), retryAfter: answer.headers()["retry-after"] };
}

// Refused connections count as no answer, which is what polling is for.
function status(request: APIRequestContext, door: string): Promise<number> {
  return ask(request, door).then(
    (answer) => answer.status,
    () => 0,
  );
}

async function serverPid(): Promise<number> {
  const text = await readFile(path.join(folder(), "cluster", "postmaster.pid"), "utf8").catch(() => "0");
  return Number(text.split("\n")[0]);
}

async function childrenOf(): Promise<{ name: string; pid: number }[]> {
  return JSON.parse(await readFile(path.join(folder(), "running.json"), "utf8")).children;
}

function folder(): string {
  return process.env.E2E_FOLDER ?? "";
}
