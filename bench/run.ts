import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { closeDatabase } from "@/lib/db/client";
import { startEmbedded } from "@/lib/db/embedded";
import { migrate } from "@/lib/db/migrate";
import { resetEnv } from "@/lib/env";
import { benchAccess } from "./access";
import { benchExport } from "./export";
import { benchFiles } from "./files";
import { generate, readWorld, type World } from "./generate";
import { benchGrants } from "./grants";
import { benchHttp } from "./http";
import { benchImport } from "./import";
import { benchLeaving } from "./leaving";
import { benchLists } from "./lists";
import { type Figure, isWithin, lineOf } from "./measure";
import { benchRecord } from "./record";

/** Every bench there is. Each is given a filled database and answers its figures. */
const benches: Record<string, (world: World) => Promise<Figure[]>> = {
  access: benchAccess,
  lists: benchLists,
  http: benchHttp,
  export: benchExport,
  import: benchImport,
  files: benchFiles,
  grants: benchGrants,
  leaving: benchLeaving,
  record: benchRecord,
};

// node bin/run.mjs bench [--size 100000] [--only access] [--keep FOLDER]: fills a database of its own and measures.
// It is thrown away afterwards, unless it is kept in a folder for the next run.
const { values } = parseArgs({
  options: { size: { type: "string", default: "100000" }, only: { type: "string" }, keep: { type: "string" } },
});
const size = Number(values.size);
const chosen = Object.entries(benches).filter(([name]) => values.only === undefined || name === values.only);
const say = (line: string) => process.stdout.write(`${line}\n`);
if (!Number.isInteger(size) || size < 1_000 || chosen.length === 0) {
  process.stderr.write(`bench: --size is at least 1000; --only is one of ${Object.keys(benches).join(", ")}\n`);
  process.exit(2);
}

const folder = values.keep ? path.resolve(values.keep) : await mkdtemp(path.join(tmpdir(), "rollcall-bench-"));
const server = await startEmbedded(folder, { durable: false });
let over = 0;
try {
  process.env.DATABASE_URL = server.url;
  resetEnv();
  await migrate(server.url);
  say(`${size.toLocaleString("en-GB")} identities`);
  const world = (await readWorld()) ?? (await generate(size, (what) => process.stderr.write(`  generating ${what}\n`)));
  if (world.identities !== size) throw new Error(`the kept database holds ${world.identities} identities, not ${size}`);
  for (const [name, run] of chosen) {
    say(name);
    for (const figure of await run(world)) {
      say(`  ${lineOf(figure)}`);
      if (!isWithin(figure)) over++;
    }
  }
} finally {
  await closeDatabase();
  await server.stop();
  if (!values.keep) await rm(folder, { recursive: true, force: true });
}
process.exitCode = over > 0 ? 1 : 0;
