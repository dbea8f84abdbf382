import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Client } from "ldapts";
import { nowMs } from "../../time";
import { makeCertificate } from "./test-certificate";

// For tests: a real slapd of one's own, on free ports in a temporary folder, ended by its process id.

export type TestSlapd = {
  host: string;
  port: number;
  tlsPort: number;
  base: string;
  /** The administrator of the database, whom no rule stops. */
  admin: { dn: string; password: string };
  /** The administrator of cn=config. */
  configAdmin: { dn: string; password: string };
  ca: string;
  /** Is the module of the overlay ppolicy loaded? */
  knowsPolicies: boolean;
  /** A client signed in as the administrator; unbind it. */
  connect(who?: { dn: string; password: string }): Promise<Client>;
  /** What a program of ldap-utils says, with `input` on its standard input. @throws where it fails */
  tool(name: "ldapadd" | "ldapmodify" | "ldapsearch" | "slapcat", args: string[], input?: string): string;
  /** Kills it with SIGKILL; and starts it again on what it has. */
  kill(): Promise<void>;
  again(): Promise<void>;
  stop(): Promise<void>;
};

const program = "/usr/sbin/slapd";

/** Are slapd and the tools of ldap-utils installed here? In CI they must be. */
export function hasSlapd(): boolean {
  const found = existsSync(program) && existsSync("/usr/bin/ldapadd");
  if (!found && process.env.CI === "true") throw new Error("slapd is missing: apt-get install slapd ldap-utils");
  return found;
}

type Options = {
  base?: string;
  /** Who may read what, in slapd.conf's words. Default: everybody everything but passwords. */
  access?: string;
  /** More lines for the database. */
  limits?: string;
  /** The overlay ppolicy, in slapd.conf's words; `""`: its module is not loaded, `"loaded"`: it is, and the overlay is off. */
  overlay?: string;
};

/** An empty directory with the schemas, overlays and limits that people use. */
export async function startSlapd(options: Options = {}): Promise<TestSlapd> {
  const folder = await mkdtemp(path.join(tmpdir(), "rollcall-slapd-"));
  await mkdir(path.join(folder, "data"));
  const ca = makeCertificate(folder);
  const base = options.base ?? "dc=planetexpress,dc=com";
  const admin = { dn: `cn=admin,${base}`, password: "admin-canary" };
  const configAdmin = { dn: "cn=config", password: "config-canary" };
  const config = path.join(folder, "slapd.conf");
  await writeFile(config, configuration({ folder, base, admin, configAdmin, ...options }));
  const [port, tlsPort] = [await freePort(), await freePort()];
  const urls = `ldap://127.0.0.1:${port} ldaps://127.0.0.1:${tlsPort}`;
  const start = () => {
    const child = spawn(program, ["-f", config, "-h", urls, "-d", "0"], { cwd: folder, stdio: "ignore" });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    return { end: (signal: NodeJS.Signals) => child.kill(signal) && ended };
  };
  let running = start();
  const connect = async (who = admin) => {
    const client = new Client({ url: `ldap://127.0.0.1:${port}`, connectTimeout: 5_000 });
    await client.bind(who.dn, who.password);
    return client;
  };
  const stop = async () => {
    await running.end("SIGTERM");
    await rm(folder, { recursive: true, force: true, maxRetries: 20 });
  };
  const kill = async () => void (await running.end("SIGKILL"));
  const again = () => {
    running = start();
    return untilUp(connect);
  };
  await untilUp(connect).catch(async (error) => {
    await stop();
    throw error;
  });
  const tool: TestSlapd["tool"] = (name, args, input) => {
    const where = name === "slapcat" ? ["-f", config] : ["-H", `ldap://127.0.0.1:${port}`, "-x"];
    const done = spawnSync(name, [...where, ...args], { input, encoding: "utf8", maxBuffer: 100_000_000 });
    if (done.status !== 0) throw new Error(`${name}: ${done.stderr || done.error?.message}`);
    return done.stdout;
  };
  const knowsPolicies = options.overlay !== "";
  return {
    knowsPolicies,
    host: "127.0.0.1",
    port,
    tlsPort,
    base,
    admin,
    configAdmin,
    ca,
    connect,
    tool,
    kill,
    again,
    stop,
  };
}

function configuration(of: {
  folder: string;
  base: string;
  admin: { dn: string; password: string };
  configAdmin: { password: string };
  access?: string;
  limits?: string;
  overlay?: string;
}): string {
  const { overlay = `overlay ppolicy\nppolicy_default "cn=default,ou=policies,${of.base}"` } = of;
  const schemas = ["core", "cosine", "inetorgperson", "nis", "dyngroup"];
  return `
${schemas.map((name) => `include /etc/ldap/schema/${name}.schema`).join("\n")}
attributetype ( 1.2.840.113556.1.4.750 NAME 'groupType' SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.24552.500.1.1.1.13 NAME 'sshPublicKey' EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 )
objectclass ( 1.3.6.1.4.1.24552.500.1.1.2.0 NAME 'ldapPublicKey' SUP top AUXILIARY MAY ( sshPublicKey $ uid ) )
objectclass ( 1.2.840.113556.1.5.8 NAME 'Group' SUP top STRUCTURAL MUST ( groupType $ cn ) MAY member )
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload refint
${overlay === "" ? "" : "moduleload ppolicy"}
pidfile ${of.folder}/slapd.pid
TLSCACertificateFile ${of.folder}/ca.crt
TLSCertificateFile ${of.folder}/server.crt
TLSCertificateKeyFile ${of.folder}/server.key
database config
rootpw ${of.configAdmin.password}
database mdb
suffix "${of.base}"
directory ${of.folder}/data
maxsize 268435456
dbnosync
rootdn "${of.admin.dn}"
rootpw ${of.admin.password}
lastbind on
${of.limits ?? ""}
index objectClass eq
index entryUUID eq
overlay memberof
memberof-group-oc groupOfNames
${overlay === "loaded" ? "" : overlay}
${of.access ?? "access to attrs=userPassword by anonymous auth by * none\naccess to * by * read"}
`;
}

async function untilUp(connect: () => Promise<Client>): Promise<void> {
  const deadline = nowMs() + 30_000;
  for (;;) {
    try {
      await (await connect()).unbind();
      return;
    } catch (error) {
      if (nowMs() > deadline) throw error;
      await wait(50);
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}
