import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { siteAddress } from "@/lib/auth/address";
import { migrate } from "@/lib/db/migrate";
import { dataFolder, env, rootFolder } from "@/lib/env";
import { AppError, messageOf } from "@/lib/errors";
import { buildProduct, isBuildCurrent } from "@/lib/operations/build-product";
import { type Claim, claimFolder } from "@/lib/operations/claim-folder";
import { keepEmbeddedRunning } from "@/lib/operations/keep-embedded-running";
import { type Installation, openInstallation } from "@/lib/operations/open-installation";
import { assertPortFree } from "@/lib/operations/port";
import { type Supervised, supervise } from "@/lib/operations/supervise";
import { firstOf } from "@/lib/time-limit";
import { type LineSink, lineSink } from "./forward-lines";

type Options = { demo: boolean; dev: boolean };
type Running = { parts: Supervised[]; installation: Installation; claim: Claim };

const say = (line: string) => void process.stderr.write(`${line}\n`);

process.env.ROLLCALL_PART ??= "start";
// Whoever read our lines may have gone; that ends nothing here.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
const stopping = new AbortController();
// A page that hangs keeps the worker from nothing.
const firstPageWithinMs = 5_000;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (stopping.signal.aborted) process.exit(1);
    stopping.abort();
  });
}

try {
  await main(optionsOf(process.argv.slice(2)));
  process.exit(0);
} catch (error) {
  if (error instanceof AppError) {
    say(`rollcall: ${error.message}`);
    if (error.remedy) say(error.remedy);
  } else {
    say(`rollcall: ${error instanceof Error ? error.stack : messageOf(error)}`);
  }
  process.exit(error instanceof AppError && error.field === "argument" ? 2 : 1);
}

function optionsOf(args: string[]): Options {
  const unknown = args.find((arg) => arg !== "--demo" && arg !== "--dev");
  if (unknown) {
    throw new AppError("invalid", `npm start does not know "${unknown}"`, {
      field: "argument",
      remedy: "It takes --demo (fill with a believable company) and --dev (rebuild pages as their sources change).",
    });
  }
  return { demo: args.includes("--demo"), dev: args.includes("--dev") };
}

async function main(options: Options): Promise<void> {
  const folder = dataFolder();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const claim = await claimFolder(folder, siteAddress().origin);
  if (claim.ended.length > 0) say(`Ended what an earlier start left running: ${claim.ended.join(", ")}.`);
  const running: Running = { parts: [], claim, installation: { folder, databaseUrl: "", embedded: null } };
  endWithNpm();
  try {
    await assertPortFree(env().HOST, env().PORT);
    // Read while the database starts.
    const current = options.dev ? Promise.resolve(true) : isBuildCurrent(rootFolder());
    running.installation = await openInstallation();
    await run(options, running, await current);
  } finally {
    await stop(running);
  }
}

async function run(options: Options, { parts, installation, claim }: Running, isCurrent: boolean): Promise<void> {
  const { databaseUrl, embedded, folder } = installation;
  if (embedded?.note) say(embedded.note);
  await migrate(databaseUrl);
  if (!isCurrent) await build(folder);
  if (stopping.signal.aborted) return;
  if (options.demo) await (await import("./start-steps")).fill(say);
  const sink = lineSink(folder);
  parts.push(startPart("web", webArgs(options), claim, sink));
  // Loaded and asked while the pages start, which somebody waits for. A wrong key ends them before they answer.
  const steps = await import("./start-steps");
  await steps.checkKey();
  await steps.noticeRestored(say);
  if (embedded) parts.push(keepEmbeddedRunning(embedded, folder, say));
  await untilAnswers(sink);
  // The first page is made before anything else wants the machine: somebody waits for it.
  await ask("/sign-in", AbortSignal.timeout(firstPageWithinMs));
  parts.push(startPart("worker", workerArgs(), claim, sink));
  if (stopping.signal.aborted) return;
  await steps.connectOwn(say);
  const link = await steps.firstLink();
  const firstSignIn = link ? `First sign-in (once, within 30 minutes): ${link.url}\n` : "";
  process.stdout.write(`Rollcall is at ${siteAddress().origin}\n${firstSignIn}`);
  await untilStopped();
}

async function build(folder: string): Promise<void> {
  const root = rootFolder();
  const first = !existsSync(path.join(root, ".next", "BUILD_ID"));
  say(`Building the pages${first ? ", which takes a minute or two the first time" : ""} …`);
  await buildProduct(root, path.join(folder, "build.log"));
  say("Built.");
}

function webArgs({ dev }: Options): string[] {
  const next = path.join(rootFolder(), "node_modules", "next", "dist", "bin", "next");
  return [next, dev ? "dev" : "start", "-H", env().HOST, "-p", String(env().PORT)];
}

function workerArgs(): string[] {
  return ["--conditions=react-server", path.join(rootFolder(), "bin", "run.mjs"), "worker"];
}

function startPart(name: string, args: string[], claim: Claim, sink: LineSink): Supervised {
  const dev = args.includes("dev");
  return supervise({
    name,
    args,
    cwd: rootFolder(),
    env: {
      ...process.env,
      ROLLCALL_PART: name,
      ROLLCALL_ROOT: rootFolder(),
      NODE_ENV: dev ? "development" : "production",
      NEXT_TELEMETRY_DISABLED: "1",
    },
    onStart: (pid) => claim.noteChild(name, pid),
    onLine: (line, stream) => sink.take(name, line, stream),
    onEnd: (how, againInMs) => say(`The ${name} process ${how}; it starts again in ${againInMs / 1_000} s.`),
  });
}

function ask(page: string, limit?: AbortSignal): Promise<Response | null> {
  const { HOST, PORT } = env();
  const host = HOST === "0.0.0.0" ? "127.0.0.1" : HOST === "::" ? "[::1]" : HOST;
  return fetch(`http://${host}:${PORT}${page}`, {
    signal: limit ? firstOf(stopping.signal, limit) : stopping.signal,
  }).catch(() => null);
}

async function untilAnswers(sink: LineSink): Promise<void> {
  for (let tries = 0; !stopping.signal.aborted; tries++) {
    const answer = await ask("/api/health");
    if (answer?.ok) return;
    if (tries === 2_400) {
      throw new AppError("unavailable", `the web process does not answer:\n${sink.lastLines().join("\n")}`);
    }
    await wait(50, undefined, { signal: stopping.signal }).catch(() => undefined);
  }
}

async function untilStopped(): Promise<void> {
  if (stopping.signal.aborted) return;
  await new Promise((resolve) => stopping.signal.addEventListener("abort", resolve, { once: true }));
}

// npm passes Ctrl-C on, but when it is killed itself this process would stay behind, holding folder and port.
function endWithNpm(): void {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) stopping.abort();
  }, 500);
  timer.unref();
}

async function stop({ parts, installation, claim }: Running): Promise<void> {
  const watched = [...parts].reverse();
  await Promise.all(watched.map((part) => part.stop()));
  await installation.embedded?.stop();
  claim.release();
}
