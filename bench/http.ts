import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cp, link, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { system } from "@/lib/auth/actor";
import { sessionCookieName } from "@/lib/auth/address";
import { createApiToken } from "@/lib/auth/create-api-token";
import { startSession } from "@/lib/auth/session";
import { db, transaction } from "@/lib/db/client";
import { env, rootFolder } from "@/lib/env";
import { listIdentities } from "@/lib/inventory/identity-list-queries";
import { readState } from "@/lib/lists/read-state";
import { buildProduct } from "@/lib/operations/build-product";
import { identityList } from "@/lib/views/lists/identity-list";
import type { World } from "./generate";
import { compare, type Figure } from "./measure";
import { benchPage } from "./page";

const asked = "kind=service_account&sort=name";
const samples = Array.from({ length: 300 }, (_, n) => n);

// The same statement for the same rows, answered without asking who calls. It is put into the copy that is measured and
// is in no product.
const bareRoute = `import { db } from "@/lib/db/client";
export const dynamic = "force-dynamic";
export async function GET() {
  const found = await db().$queryRawUnsafe(\`with p as materialized (
      select *, lower(i.name) as sort_key from identities i where i.removed_at is null and i.kind = $1
      order by lower(i.name), i.id limit 51)
    select p.id, p.kind, p.name, p.email, p.status, p.owner_id, o.name as owner_name, p.purpose, p.environment,
      p.criticality, p.department, p.privilege, p.reaches, p.connection_names, p.account_count, p.credential_count,
      p.oldest_credential_at, p.first_seen_at, p.last_use_state, p.last_used_at, p.not_used_since, p.last_use_because
    from p left join identities o on o.id = p.owner_id order by p.sort_key, p.id\`, "service_account");
  return Response.json({ items: found });
}
`;

/**
 * The list of identities over HTTP, signed in and filtered by permission, against a route of the same server that runs
 * the same query through Prisma without sign-in. A copy of the product is built for it in a temporary folder.
 */
export async function benchHttp(world: World): Promise<Figure[]> {
  const folder = await mkdtemp(path.join(tmpdir(), "rollcall-bench-web-"));
  let server: ChildProcess | null = null;
  try {
    await copyProduct(folder);
    await buildProduct(folder, path.join(folder, "build.log"));
    const port = await freePort();
    server = await startWeb(folder, port);
    return await measure({ origin: `http://127.0.0.1:${port}`, pid: server.pid ?? 0, world });
  } finally {
    server?.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  }
}

async function copyProduct(folder: string): Promise<void> {
  const root = rootFolder();
  const left = new Set(["node_modules", ".next", ".build", ".git", "data"]);
  for (const entry of await readdir(root)) {
    if (!left.has(entry)) await cp(path.join(root, entry), path.join(folder, entry), { recursive: true });
  }
  await linkAll(path.join(root, "node_modules"), path.join(folder, "node_modules"));
  await mkdir(path.join(folder, "app", "bench-bare"));
  await writeFile(path.join(folder, "app", "bench-bare", "route.ts"), bareRoute);
}

// Hard links: a symbolic one would lead out of the folder that is built, which the bundler refuses.
async function linkAll(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) await linkAll(source, target);
    else if (entry.isSymbolicLink()) await cp(source, target, { verbatimSymlinks: true });
    else await link(source, target).catch(() => cp(source, target));
  }
}

async function startWeb(folder: string, port: number): Promise<ChildProcess> {
  const next = path.join(folder, "node_modules", "next", "dist", "bin", "next");
  const secrets = {
    NEXTAUTH_SECRET: randomBytes(32).toString("base64url"),
    ROLLCALL_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
  };
  const server = spawn(process.execPath, [next, "start", "-H", "127.0.0.1", "-p", String(port)], {
    cwd: folder,
    env: {
      ...process.env,
      ...secrets,
      ROLLCALL_ROOT: folder,
      NODE_ENV: "production",
      NEXTAUTH_URL: `http://127.0.0.1:${port}`,
      DATABASE_URL: env().DATABASE_URL ?? "",
      LOG_LEVEL: "error",
    },
    stdio: "ignore",
  });
  for (let tries = 0; tries < 600; tries++) {
    if (
      await fetch(`http://127.0.0.1:${port}/api/health`).then(
        (answer) => answer.ok,
        () => false,
      )
    )
      return server;
    await wait(100);
  }
  server.kill("SIGKILL");
  throw new Error("the copy that was built did not answer");
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

type Site = { origin: string; pid: number; world: World };

async function measure({ origin, pid, world }: Site): Promise<Figure[]> {
  const { token, cookie } = await signIn();
  const bearer = { authorization: `Bearer ${token}` };
  const get = async (address: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(origin + address, { headers, redirect: "error" });
    if (answer.status !== 200)
      throw new Error(`${address} answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
    return answer.text();
  };
  const bare = () => get("/bench-bare");
  const api = (query: string) => get(`/api/v1/identities?${query}`, bearer);
  const page = () => get(`/identities?${asked}`, { cookie });
  const deep = `sort=name&cursor=${await cursorInTheMiddle(world)}`;
  return [
    await compare("list of the API, filter and sort, against a bare route", samples, bare, () => api(asked), 1.3),
    await compare(
      "page 10,000 of the API against page 1",
      samples,
      () => api("sort=name"),
      () => api(deep),
      1.3,
    ),
    await compare(
      "the Identities page itself against the bare route (rendered; no limit)",
      samples,
      bare,
      page,
      Number.POSITIVE_INFINITY,
    ),
    await cpu("CPU of a page of the API", pid, () => api(asked), 8),
    await cpu("CPU of the bare route", pid, bare, 8),
    await cpu("CPU of the Identities page, rendered", pid, page, 8),
    ...(await benchPage(origin, cookie.slice(cookie.indexOf("=") + 1))),
  ];
}

// Milliseconds of processor time that the web process takes for each call; Linux counts it in hundredths of a second.
async function cpu(what: string, pid: number, call: () => Promise<unknown>, limitMs: number): Promise<Figure> {
  const calls = 400;
  const before = await processorMs(pid);
  for (let n = 0; n < calls; n++) await call();
  return { what, bareMs: null, oursMs: ((await processorMs(pid)) - before) / calls, atMost: { ms: limitMs } };
}

async function processorMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function signIn(): Promise<{ token: string; cookie: string }> {
  const email = "bench@rollcall.example";
  const user = await db().user.upsert({
    where: { email },
    create: { email, name: "Bench", roles: ["security"] },
    update: { roles: ["security"] },
    select: { id: true },
  });
  const { token } = await createApiToken(system("bench"), { name: "bench", for: email, expiresInDays: 1 });
  const visitor = { ip: null, userAgent: null, requestId: null, heldToken: null };
  const session = await transaction((tx) => startSession(tx, { userId: user.id, authenticatedBy: "link", visitor }));
  return { token, cookie: `${sessionCookieName()}=${session.token}` };
}

// Where page 10,000 begins, or the middle of a smaller list, as a reader would come to it.
async function cursorInTheMiddle(world: World): Promise<string> {
  const state = readState(identityList, { sort: "name" });
  const { items, nextCursor } = await listIdentities(system("bench"), { state });
  const skip = Math.min(10_000 * 50, Math.floor(world.identities / 2));
  const [row] = await db().$queryRaw<{ name: string; id: string }[]>`
    select lower(name) as name, id from identities where removed_at is null order by lower(name), id offset ${skip} limit 1`;
  const [sort] = JSON.parse(Buffer.from(nextCursor ?? "", "base64url").toString()) as [string];
  if (!row || items.length === 0) throw new Error("there is no such page");
  return Buffer.from(JSON.stringify([sort, row.name, row.id])).toString("base64url");
}
