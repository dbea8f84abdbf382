import { mkdir } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { isDatabaseAway } from "../db/client";
import { type EmbeddedServer, startEmbedded } from "../db/embedded";
import { primaryOf } from "../db/primary";
import { dataFolder, env, resetEnv } from "../env";
import { AppError, messageOf } from "../errors";
import { nowMs } from "../time";
import { keepSecrets } from "./keep-secrets";

/** An installation whose settings are complete: the environment now names a database that answers, and both secrets. */
export type Installation = {
  folder: string;
  databaseUrl: string;
  /** Null when DATABASE_URL points at a server of somebody else's. */
  embedded: EmbeddedServer | null;
};

/**
 * Completes this process's settings: starts or joins the embedded database unless DATABASE_URL is set, and fills in the
 * kept secrets. For the starter and for commands at a terminal.
 * @throws AppError `invalid` (a setting), `unavailable` (no database)
 */
export async function openInstallation(): Promise<Installation> {
  const folder = dataFolder();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const given = env();
  if (!given.NEXTAUTH_SECRET || !given.ROLLCALL_ENCRYPTION_KEY) {
    const kept = await keepSecrets(folder);
    process.env.NEXTAUTH_SECRET ||= kept.NEXTAUTH_SECRET;
    process.env.ROLLCALL_ENCRYPTION_KEY ||= kept.ROLLCALL_ENCRYPTION_KEY;
  }
  const embedded = given.DATABASE_URL ? null : await startEmbedded(folder);
  const databaseUrl = embedded?.url ?? given.DATABASE_URL ?? "";
  if (!embedded) await untilAnswers(databaseUrl);
  process.env.DATABASE_URL = databaseUrl;
  resetEnv();
  return { folder, databaseUrl, embedded };
}

// A database that starts beside us (a container, a fail-over) gets a moment; a wrong password or name is said at once.
async function untilAnswers(url: string): Promise<void> {
  for (const deadline = nowMs() + 30_000; ; ) {
    try {
      const client = new pg.Client({ connectionString: await primaryOf(url), connectionTimeoutMillis: 5_000 });
      await client.connect();
      await client.end();
      return;
    } catch (cause) {
      if (!isDatabaseAway(cause) || nowMs() > deadline) {
        throw new AppError("unavailable", `the database of DATABASE_URL does not let us in: ${messageOf(cause)}`, {
          remedy: "Check host, port, name, user and password of DATABASE_URL, and that the server runs.",
          cause,
        });
      }
      await wait(250);
    }
  }
}
