import type pg from "pg";
import type { Context } from "../contract";
import type { AccessRef, AccountRef, HeldAccess } from "../provisioning";
import { type Secrets, type Settings, settings } from "./schema";
import { passwordPlaceholder, setUp } from "./set-up";

// For tests: a cluster in which the role that gives access was made by the very statements of the set-up.

/** A server and its administrator's sign-in. */
type Server = {
  major: number;
  port: number;
  user: string;
  password: string;
  connect(database?: string): Promise<pg.Client>;
};

export const provisioner = "rollcall_gives";
const password = "provision-canary";

/** Makes the role that gives access, as its set-up says. */
export async function makeProvisioner(server: Server): Promise<void> {
  const steps = setUp(callOn(server).settings);
  const make = steps.find(({ code }) => code?.startsWith(`CREATE ROLE "${provisioner}"`))?.code ?? "";
  await asAdministrator(server, (client) => client.query(make.replace(passwordPlaceholder, password)));
}

/** A verb's call on this server. */
export function callOn(
  server: Pick<Server, "port" | "user" | "password">,
  overrides: Partial<Settings> = {},
  signal: AbortSignal = new AbortController().signal,
): Context<Settings, Secrets> {
  return {
    settings: settings.parse({
      host: "127.0.0.1",
      port: server.port,
      user: server.user,
      provisionUser: provisioner,
      sslmode: "disable",
      ...overrides,
    }),
    secrets: { password: server.password, provisionPassword: password },
    signal,
    now: new Date("2026-11-21T12:00:00Z"),
  };
}

/** Runs `work` as the cluster's administrator. */
export async function asAdministrator<T>(
  server: Server,
  work: (client: pg.Client) => Promise<T>,
  database = "postgres",
): Promise<T> {
  const client = await server.connect(database);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Lets the provisioner give membership of `role`, as the set-up says for this version. */
export function adminOption(server: Server, role: string): string {
  const steps = setUp(callOn(server).settings);
  const ending = server.major >= 16 ? "WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;" : "WITH ADMIN OPTION;";
  const code = steps.find((step) => step.code?.endsWith(ending))?.code ?? "";
  return code.replace('"role_to_give"', () => `"${role.replaceAll('"', '""')}"`);
}

export function accountOf(name: string): AccountRef {
  return { externalId: name, name };
}

export function membershipOf(role: string): AccessRef {
  return { permission: "member", resource: { type: "group", externalId: role, name: role } };
}

export function privilegeOn(type: string, externalId: string, permission: string): AccessRef {
  return { permission, resource: { type, externalId, name: externalId } };
}

export function held(account: string, access: AccessRef): HeldAccess {
  return { account: accountOf(account), access };
}
