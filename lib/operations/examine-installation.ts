import { stat, statfs } from "node:fs/promises";
import path from "node:path";
import { readDestinations } from "../audit/destination-queries";
import { examineJournal } from "../audit/examine-journal";
import { rows } from "../db/client";
import { readMigrations } from "../db/migrate";
import { dataFolder, env, rootFolder } from "../env";
import { messageOf } from "../errors";
import { countLiveWorkers } from "../jobs/live-workers";
import { countWords, doubtWords } from "../restoration/labels";
import { readRestorations } from "../restoration/queries";
import { now } from "../time";
import { isBuildCurrent } from "./build-product";
import { checkEncryptionKey } from "./check-key";

/** One thing that was looked at. `bad`: something does not work. `warning`: something will not, or is not as safe. */
export type Examined = {
  name: string;
  state: "good" | "warning" | "bad";
  message: string;
  remedy?: string;
};

const requiredMajor = 15;
const extensions = ["pg_trgm"];

/**
 * Looks at everything that this installation needs, whatever the answers to the first questions. Expects the
 * environment to name a database (`openInstallation`); the database may be away.
 */
export async function examineInstallation(): Promise<Examined[]> {
  const questions: [string, () => Promise<Examined>][] = [
    ["database", examineDatabase],
    ["extensions", examineExtensions],
    ["migrations", examineMigrations],
    ["clock", examineClock],
    ["worker", examineWorkers],
    ["encryption key", examineKey],
    ["record", examineRecord],
    ["journal", examineEndings],
    ["pages", examineBuild],
    ["disk space", examineDisk],
    ["data folder", examineFolder],
    ["single sign-on", examineSingleSignOn],
  ];
  // One after another: without a database each answer would otherwise wait for a connection of its own.
  const examined: Examined[] = [];
  for (const [name, question] of questions) {
    const answer = await question().catch(
      (error): Examined => ({ name, state: "bad", message: messageOf(error), remedy: remedyOf(error) }),
    );
    examined.push(answer);
  }
  return examined;
}

async function examineDatabase(): Promise<Examined> {
  const [row] = await rows<{ version: string; number: number }>(
    "select split_part(version(), ' ', 2) as version, current_setting('server_version_num')::int as number",
  );
  const name = "database";
  if (!row || row.number < requiredMajor * 10_000) {
    const message = `PostgreSQL ${row?.version} is older than Rollcall needs`;
    return { name, state: "bad", message, remedy: `Upgrade the server to PostgreSQL ${requiredMajor} or later.` };
  }
  return { name, state: "good", message: `PostgreSQL ${row.version} answers` };
}

async function examineExtensions(): Promise<Examined> {
  const found = await rows<{ extname: string }>("select extname from pg_extension");
  const missing = extensions.filter((name) => !found.some((row) => row.extname === name));
  if (missing.length === 0) return { name: "extensions", state: "good", message: extensions.join(", ") };
  return {
    name: "extensions",
    state: "bad",
    message: `the database lacks ${missing.join(", ")}`,
    remedy: `As a superuser in this database: ${missing.map((name) => `create extension ${name};`).join(" ")}`,
  };
}

async function examineMigrations(): Promise<Examined> {
  const applied = await rows<{ name: string }>(
    "select migration_name as name from _prisma_migrations where finished_at is not null and rolled_back_at is null",
  );
  const ours = (await readMigrations()).map((migration) => migration.name);
  const missing = ours.filter((name) => !applied.some((row) => row.name === name));
  const newer = applied.filter((row) => !ours.includes(row.name));
  const name = "migrations";
  if (newer.length > 0) {
    const message = `the database was migrated by a newer version (${newer[0]?.name})`;
    return { name, state: "bad", message, remedy: "Run that version of Rollcall, or a later one, here too." };
  }
  if (missing.length > 0) {
    return { name, state: "bad", message: `${missing.length} are not applied`, remedy: "rollcall migrate" };
  }
  return { name, state: "good", message: `all ${ours.length} are applied` };
}

async function examineClock(): Promise<Examined> {
  const [row] = await rows<{ at: Date }>("select clock_timestamp() as at");
  const skewSeconds = Math.abs(now().getTime() - (row?.at ?? now()).getTime()) / 1_000;
  if (skewSeconds < 5) return { name: "clock", state: "good", message: "as the database's" };
  return {
    name: "clock",
    state: skewSeconds < 60 ? "warning" : "bad",
    message: `${Math.round(skewSeconds)} s apart from the database's`,
    remedy: "Let both machines take their time from a time server (chrony, systemd-timesyncd).",
  };
}

async function examineWorkers(): Promise<Examined> {
  const workers = await countLiveWorkers();
  if (workers > 0) return { name: "worker", state: "good", message: `${workers} alive` };
  const remedy = "Start Rollcall (npm start), or a worker alone: rollcall worker";
  return { name: "worker", state: "bad", message: "none is alive, so that no system is read", remedy };
}

async function examineKey(): Promise<Examined> {
  const key = env().ROLLCALL_ENCRYPTION_KEY;
  if (!key) throw new Error("ROLLCALL_ENCRYPTION_KEY is not set");
  await checkEncryptionKey(key);
  return { name: "encryption key", state: "good", message: "the one that this database's secrets were encrypted with" };
}

async function examineRecord(): Promise<Examined> {
  const name = "record";
  const [log] = await rows<{ size: string; signed: string; late: boolean }>(
    `select (select coalesce(max(position), 0) from audit_sequence) as size, coalesce(max(size), 0) as signed,
       exists (select from audit_sequence where position = coalesce(max(c.size), 0) + 1
         and sequenced_at < now() - make_interval(secs => $1)) as late
     from (select size from audit_checkpoints order by size desc limit 1) c`,
    [10 * env().ROLLCALL_CHECKPOINT_SECONDS],
  );
  if (log?.late) {
    const message = `event ${Number(log.signed) + 1} and those after it are not under a checkpoint`;
    const remedy = "Look whether a worker runs, and what it says; then: rollcall audit verify";
    return { name, state: "bad", message, remedy };
  }
  const destinations = await readDestinations();
  const failing = destinations.filter(({ failingSince, pausedAt }) => failingSince !== null && pausedAt === null);
  if (failing.length > 0) {
    const message = failing.map((one) => `${one.name} gets nothing: ${one.lastError}`).join("; ");
    return {
      name,
      state: "bad",
      message,
      remedy: "It is tried again at least every five minutes. rollcall audit destinations",
    };
  }
  const paused = destinations.filter(({ pausedAt }) => pausedAt !== null);
  if (paused.length > 0) {
    const message = paused.map((one) => `${one.name} is paused since ${one.pausedAt?.toISOString()}`).join("; ");
    const remedy = "Where that was not meant to last: rollcall audit resume NAME";
    return { name, state: "warning", message, remedy };
  }
  const anchors = destinations.filter(({ carries, arrivedAt }) => carries === "checkpoints" && arrivedAt !== null);
  const message = `${log?.signed ?? 0} of ${log?.size ?? 0} events signed; ${anchors.length === 1 ? "1 anchor" : `${anchors.length} anchors`}`;
  if (anchors.length > 0 || Number(log?.size ?? 0) === 0) return { name, state: "good", message };
  const remedy = "Without an anchor nobody can see that the newest events were cut off. docs/auditing.md";
  return { name, state: "warning", message, remedy };
}

async function examineEndings(): Promise<Examined> {
  const name = "journal";
  const open = (await readRestorations()).filter(({ seenAt }) => seenAt === null);
  const [newest] = open;
  if (newest) {
    const message = `this database was found to be older than its journal at ${newest.noticedAt.toISOString()}: ${countWords(newest.endings)}`;
    const remedy = newest.settledAt
      ? "Look at what could not be done: rollcall audit restored. An administrator says there, or on the page, that it was seen."
      : "Look whether a worker runs, and what it says: rollcall audit restored";
    return { name, state: "bad", message, remedy };
  }
  const found = await examineJournal();
  if (found?.older) {
    const message = `${found.file} tells of what this database does not know: it is older`;
    return { name, state: "bad", message, remedy: "Start a worker, or: rollcall audit restored" };
  }
  const doubts = doubtWords(found?.doubts ?? {});
  if (doubts) {
    const remedy = "Look who may write there. What these lines said would not be taken back again after a restore.";
    return { name, state: "warning", message: `${found?.file}: ${doubts}`, remedy };
  }
  if (found) return { name, state: "good", message: `${found.lines} endings in ${found.file}` };
  const remedy = "After a restore nothing would say what was taken back since. docs/operating.md";
  return { name, state: "warning", message: "what is taken back is not written outside the database", remedy };
}

async function examineBuild(): Promise<Examined> {
  if (await isBuildCurrent(rootFolder())) return { name: "pages", state: "good", message: "built from these sources" };
  const remedy = "npm start builds them; the running product keeps the old ones until it is started again.";
  return { name: "pages", state: "warning", message: "not built, or from other sources", remedy };
}

async function examineDisk(): Promise<Examined> {
  const { bavail, bsize } = await statfs(dataFolder());
  const freeGb = (bavail * bsize) / 1_000_000_000;
  const message = `${freeGb.toFixed(1)} GB free at ${dataFolder()}`;
  if (freeGb >= 2) return { name: "disk space", state: "good", message };
  const remedy = "Make room, or move the data folder (ROLLCALL_DATA). A full disk stops all writes.";
  return { name: "disk space", state: freeGb < 0.3 ? "bad" : "warning", message, remedy };
}

async function examineFolder(): Promise<Examined> {
  const folder = dataFolder();
  const loose: string[] = [];
  for (const [file, forbidden] of [
    ["", 0o007],
    ["secrets.json", 0o077],
    ["server.json", 0o077],
  ] as const) {
    const found = await stat(path.join(folder, file)).catch(() => null);
    if (found && (found.mode & forbidden) !== 0) loose.push(path.join(folder, file));
  }
  if (loose.length === 0) return { name: "data folder", state: "good", message: `${folder} is closed to others` };
  const message = `others may read ${loose.join(" and ")}`;
  return { name: "data folder", state: "bad", message, remedy: `chmod go-rwx ${loose.join(" ")}` };
}

async function examineSingleSignOn(): Promise<Examined> {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId } = env();
  const name = "single sign-on";
  if (!issuer) return { name, state: "good", message: "not configured; people sign in by link and passkey" };
  if (!clientId) {
    return { name, state: "bad", message: "OIDC_ISSUER is set, OIDC_CLIENT_ID is not", remedy: "Set OIDC_CLIENT_ID." };
  }
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const remedy = "Check OIDC_ISSUER, and that this machine reaches it.";
  const answer = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(5_000) }).catch(messageOf);
  if (typeof answer === "string") return { name, state: "bad", message: `${url}: ${answer}`, remedy };
  const said = answer.ok ? ((await answer.json()) as { issuer?: unknown }).issuer : `status ${answer.status}`;
  if (said === issuer) return { name, state: "good", message: `${issuer} answers` };
  return { name, state: "bad", message: `${url} names the issuer ${String(said)}`, remedy };
}

function remedyOf(error: unknown): string {
  const { remedy } = error as { remedy?: unknown };
  return typeof remedy === "string" ? remedy : "Check DATABASE_URL, and that the server runs and lets this user in.";
}
