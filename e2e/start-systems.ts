import type pg from "pg";
import { makeProvisioner } from "@/lib/connectors/postgresql/test-provisioner";
import { hasDebianServer, startServer15, startServer18, type TestServer } from "@/lib/db/test-clusters";
import {
  addToDirectory,
  asProvisioner,
  directorySettings,
  directoryStanding,
  makeRoles,
  standingOf,
  startDirectory,
} from "@/lib/offboarding/test-worlds";
import type { SystemToConnect } from "./fill-product";
import { postgresConnection } from "./start-target";

/** One of an organisation's systems, and what it says itself of somebody who had an account there. */
export type LiveSystem = SystemToConnect & {
  /** What they hold there still, and whether their own password opens it. */
  standing(account: string): Promise<{ holds: string[]; opened: boolean }>;
  /** A session of theirs; `cut` becomes what the system said when it ended it. Null where it keeps none. */
  open: ((account: string) => Promise<{ client: pg.Client; cut: Promise<string> }>) | null;
  stop(): Promise<void>;
};

export const leaver = "lev";
export const machine = "svc_export";
/** What the leaver is a member of, in each system. */
export const teams = Array.from({ length: 15 }, (_, n) => `team_${n + 1}`);

const providers = "a long random password";

/** Three PostgreSQL servers and a directory, in each of which the leaver is in fifteen teams; a machine in the first. */
export async function startSystems(): Promise<LiveSystem[]> {
  const older = hasDebianServer() ? startServer15 : startServer18;
  const [warehouse, ledger, reports, directory] = await Promise.all([
    startServer18().then((server) => cluster("warehouse", server, [leaver, machine])),
    older().then((server) => cluster("ledger", server, [leaver])),
    startServer18().then((server) => cluster("reports", server, [leaver])),
    startTheDirectory(),
  ]);
  return [warehouse, ledger, reports, directory];
}

async function cluster(name: string, server: TestServer, accounts: string[]): Promise<LiveSystem> {
  await makeProvisioner(server);
  await makeRoles(server, { accounts, groups: teams });
  await asProvisioner(
    server,
    teams.map((team) => `grant ${team} to ${leaver}`),
  );
  return {
    name,
    connector: "postgresql",
    connection: postgresConnection(server),
    standing: async (account) => {
      const { memberships, opened } = await standingOf(server, account);
      return { holds: memberships, opened };
    },
    open: async (account) => {
      const client = await server.connect("postgres", account, account);
      return { client, cut: new Promise((resolve) => client.on("error", ({ message }) => resolve(message))) };
    },
    stop: server.stop,
  };
}

async function startTheDirectory(): Promise<LiveSystem> {
  const slapd = await startDirectory();
  addToDirectory(slapd, { people: [leaver], groups: Object.fromEntries(teams.map((team) => [team, [leaver]])) });
  return {
    name: "directory",
    connector: "ldap",
    connection: {
      settings: directorySettings(slapd),
      secrets: { password: providers, provisionPassword: providers },
    },
    standing: async (account) => {
      const { groups, opened } = await directoryStanding(slapd, account);
      return { holds: groups.flatMap((group) => group ?? []), opened };
    },
    open: null,
    stop: slapd.stop,
  };
}
