import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Client } from "ldapts";
import { nowMs } from "../../time";
import { makeCertificate } from "./test-certificate";

// For tests: a real Active Directory domain controller of one's own (Samba). Its ports are fixed, so that each has an address
// of this machine to itself.

export type TestSamba = {
  host: string;
  base: string;
  /** The text of the authority that signed its certificate. */
  ca: string;
  admin: { dn: string; password: string };
  /** A client signed in over StartTLS as `who`; unbind it. */
  connect(who?: { dn: string; password: string }): Promise<Client>;
  /** What samba-tool says, or ldbmodify and its like on the controller's own database. @throws where it fails */
  tool(args: string[]): string;
  stop(): Promise<void>;
};

/** Is a domain controller installed here, and may it be started? In CI it must be. */
export function hasSamba(): boolean {
  const found =
    existsSync("/usr/sbin/samba") && existsSync("/usr/bin/samba-tool") && existsSync("/usr/share/samba/setup");
  const mayStart = process.getuid?.() === 0;
  if (process.env.CI === "true" && !found)
    throw new Error(
      "Samba's domain controller is missing: apt-get install samba samba-ad-provision samba-dsdb-modules",
    );
  return found && mayStart;
}

/** A new domain, acme.test. Takes some ten seconds. */
export async function startSamba(): Promise<TestSamba> {
  const folder = await mkdtemp(path.join(tmpdir(), "rollcall-samba-"));
  const password = "Canary-administrator-1";
  const address = `127.${randomInt(64, 128)}.${randomInt(1, 255)}.${randomInt(1, 255)}`;
  const options = [`interfaces=${address}/8`, "bind interfaces only=yes", "vfs objects="].map(
    (one) => `--option=${one}`,
  );
  const domain = ["--realm=ACME.TEST", "--domain=ACME", "--server-role=dc", "--dns-backend=SAMBA_INTERNAL"];
  const host = ["--host-name=dc1", `--host-ip=${address}`, `--targetdir=${folder}`, `--adminpass=${password}`];
  command("samba-tool", ["domain", "provision", ...domain, ...host, ...options]);
  const ca = makeCertificate(folder, address);
  const config = path.join(folder, "etc/smb.conf");
  const files = { certfile: "server.crt", keyfile: "server.key", cafile: "ca.crt" };
  const tls = Object.entries(files).map(([name, file]) => `tls ${name} = ${path.join(folder, file)}`);
  // Samba refuses a key that others may read.
  await chmod(path.join(folder, "server.key"), 0o600);
  const services = ["server services = ldap, kdc, rpc", "ldap server require strong auth = no"];
  // What it otherwise keeps beside the machine's own, of which there is one.
  const own = [`pid directory = ${folder}`, `ncalrpc dir = ${path.join(folder, "ncalrpc")}`];
  const settings = [...services, ...own, ...tls].map((line) => `\t${line}\n`).join("");
  await writeFile(config, (await readFile(config, "utf8")).replace("[global]\n", `[global]\n${settings}`));
  const child = spawn("/usr/sbin/samba", ["-F", "--debug-stdout", "-s", config], {
    cwd: folder,
    stdio: "ignore",
    // Its workers are processes of their own: the group ends with it.
    detached: true,
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const endAll = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGTERM");
  };
  // None outlives its test.
  process.once("exit", endAll);
  const admin = { dn: "CN=Administrator,CN=Users,DC=acme,DC=test", password };
  const connect = async (who = admin) => {
    const client = new Client({ url: `ldap://${address}:389`, connectTimeout: 5_000 });
    await client.bind(who.dn, who.password);
    return client;
  };
  const stop = async () => {
    endAll();
    process.off("exit", endAll);
    await ended;
    await rm(folder, { recursive: true, force: true, maxRetries: 20 });
  };
  await untilUp(child, connect).catch(async (error) => {
    await stop();
    throw error;
  });
  return {
    host: address,
    base: "DC=acme,DC=test",
    ca,
    admin,
    connect,
    tool: (args) =>
      command("samba-tool", [...args, `--configfile=${config}`, "-H", path.join(folder, "private/sam.ldb")]),
    stop,
  };
}

function command(name: string, args: string[]): string {
  const done = spawnSync(name, args, { encoding: "utf8", maxBuffer: 50_000_000 });
  if (done.status !== 0) throw new Error(`${name} ${args[0]} ${args[1]}: ${done.stderr || done.error?.message}`);
  return done.stdout;
}

async function untilUp(child: ChildProcess, connect: () => Promise<Client>): Promise<void> {
  const deadline = nowMs() + 60_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error("samba ended at once: is another on its ports?");
    try {
      await (await connect()).unbind();
      return;
    } catch (error) {
      if (nowMs() > deadline) throw error;
      await wait(100);
    }
  }
}
