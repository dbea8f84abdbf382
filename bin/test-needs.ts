import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { chromium } from "@playwright/test";

/** Something the tests need of the machine: where it is, or null and what the reader can do. */
export type Need = { path: string | null; remedy: string };

const say = (line: string) => void process.stdout.write(`${line}\n`);

/** A Chromium or Chrome: Playwright's own, the system's, or one that is installed now. */
export function findChromium(): Need {
  const remedy =
    "The browser tests need Chromium or Chrome: install one (Debian: apt-get install chromium), or set CHROMIUM to its path.";
  const found = presentChromium();
  if (found) return { path: found, remedy };
  say("No Chromium or Chrome here: trying to install one …");
  const cli = ["node_modules/playwright/cli.js", "install", "chromium-headless-shell"];
  if (spawnSync(process.execPath, cli, { stdio: "ignore", timeout: 240_000 }).status !== 0) aptInstall("chromium");
  return { path: presentChromium(), remedy };
}

/** The programs of Debian's PostgreSQL 15, which the tests of the PostgreSQL connector ask as an oracle. */
export function findPostgres15(): Need {
  const folder = "/usr/lib/postgresql/15/bin";
  const remedy =
    "The PostgreSQL connector is compared with a PostgreSQL 15 as well where Debian's package postgresql-15 is installed.";
  if (!existsSync(folder) && process.platform === "linux") {
    // Without this the package would make and start a server of its own.
    aptInstall("postgresql-common");
    const settings = "/etc/postgresql-common/createcluster.conf";
    if (existsSync(settings))
      spawnSync("sed", ["-i", "s/^#*create_main_cluster.*/create_main_cluster = false/", settings]);
    aptInstall("postgresql-15");
  }
  return { path: existsSync(folder) ? folder : null, remedy };
}

/** slapd and Samba's domain controller, which the tests of the LDAP connector read and ask as oracles. */
export function findDirectories(): Need {
  const programs = [
    "/usr/sbin/slapd",
    "/usr/bin/ldapadd",
    "/usr/sbin/samba",
    "/usr/bin/samba-tool",
    "/usr/share/samba/setup",
  ];
  const remedy =
    "The LDAP connector is tested on real directories where these packages of Debian are installed: slapd ldap-utils samba samba-ad-provision samba-dsdb-modules winbind krb5-user ldb-tools. Active Directory's ports ask for root.";
  const isThere = () => programs.every((program) => existsSync(program));
  if (!isThere() && process.platform === "linux" && process.getuid?.() === 0) {
    withoutServices(() => {
      for (const name of ["slapd", "ldap-utils", "samba", "samba-ad-provision", "samba-dsdb-modules"]) aptInstall(name);
      for (const name of ["samba-vfs-modules", "winbind", "krb5-user", "ldb-tools"]) aptInstall(name);
    });
  }
  return { path: isThere() ? "/usr/sbin" : null, remedy };
}

// Packages would start servers of their own, on the very ports that the tests need (invoke-rc.d asks this file).
function withoutServices(install: () => void): void {
  const policy = "/usr/sbin/policy-rc.d";
  const isOurs = !existsSync(policy) && existsSync("/usr/bin/apt-get");
  if (isOurs) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    install();
  } finally {
    if (isOurs) rmSync(policy);
  }
}

function presentChromium(): string | null {
  const candidates = [
    process.env.CHROMIUM,
    ownChromium(),
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/usr/bin/google-chrome-stable",
    "/opt/google/chrome/chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
  ];
  return candidates.find((candidate) => candidate !== undefined && existsSync(candidate)) ?? null;
}

function ownChromium(): string | undefined {
  try {
    return chromium.executablePath();
  } catch {
    return undefined;
  }
}

let updated = false;

function aptInstall(name: string): void {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return;
  const options = {
    stdio: ["ignore", "ignore", "inherit"] as ("ignore" | "inherit")[],
    timeout: 600_000,
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  };
  if (!updated) spawnSync("apt-get", ["-qq", "update"], options);
  updated = true;
  say(`Installing the package ${name} …`);
  spawnSync("apt-get", ["-qq", "-y", "--no-install-recommends", "install", name], options);
}
