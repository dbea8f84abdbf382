import { setTimeout as wait } from "node:timers/promises";
import type { Command } from "commander";
import type { Actor } from "@/lib/auth/actor";
import { checkConnection } from "@/lib/connections/check-connection";
import { createConnection } from "@/lib/connections/create-connection";
import { getConnection, getSync, listConnections } from "@/lib/connections/queries";
import { requestSync } from "@/lib/connections/request-sync";
import { applySync, discardSync } from "@/lib/connections/resolve-sync";
import { runSync } from "@/lib/connections/run-sync";
import { environments } from "@/lib/connections/schema";
import type { Connector } from "@/lib/connectors/contract";
import { connectorNamed, connectors } from "@/lib/connectors/registry";
import { AppError } from "@/lib/errors";
import { addSettingFlags, askSecrets, settingsFromFlags } from "../connector-flags";
import { followSync, hasSettled, printRun } from "../follow-sync";
import { openInstallation } from "../open-installation";
import { print, printJson, tell } from "../terminal";

type ConnectFlags = {
  name: string;
  env: (typeof environments)[number];
  identitySource?: true;
  every: string;
  check: boolean;
  sync: boolean;
  json?: true;
} & Record<string, unknown>;
type SyncFlags = { apply?: true; discard?: true; json?: true };

/** `rollcall connect` and `rollcall sync` */
export function addConnectionCommands(program: Command): void {
  const connect = program.command("connect").description("connect a system, to be read now and on a schedule");
  for (const name of Object.keys(connectors)) {
    const connector = connectorNamed(name);
    if (connector?.read) addConnect(connect, connector);
  }
  program
    .command("sync")
    .description("read a system now, or all of them; prints what was added, changed and removed")
    .argument("[name]", "the connection; all of them without it")
    .option("--apply", "let the sync that the brake has paused go through")
    .option("--discard", "throw away what the paused sync has read")
    .action(sync);
}

function addConnect(connect: Command, connector: Connector): void {
  const command = connect
    .command(connector.name)
    .description(connector.description)
    .requiredOption("--name <name>", "how the connection is called here")
    .option("--env <environment>", environments.join(", "), "production")
    .option("--identity-source", "people come from here: its accounts make identities")
    .option("--every <minutes>", "minutes between syncs; 0 for by hand only", "60")
    .option("--no-check", "do not try it before it is kept")
    .option("--no-sync", "do not order the first sync");
  addSettingFlags(command, connector);
  command.action((flags: ConnectFlags) => connectSystem(connector, flags));
}

async function connectSystem(connector: Connector, flags: ConnectFlags): Promise<void> {
  const settings = await settingsFromFlags(connector, flags);
  const secrets = await askSecrets(connector);
  const actor = await openInstallation();
  if (flags.check && connector.check) await check(actor, { connector: connector.name, settings, secrets });
  const { id, runId } = await createConnection(actor, {
    name: flags.name,
    connector: connector.name,
    environment: flags.env,
    settings,
    secrets,
    isIdentitySource: flags.identitySource ?? false,
    scheduleMinutes: minutes(flags.every),
    syncNow: flags.sync,
  });
  if (flags.json) return printJson({ id, name: flags.name, syncId: runId });
  print(`Connected ${flags.name}.`);
  if (runId)
    tell(`Its first sync is ordered; the worker reads it. To read it here and now: rollcall sync ${flags.name}`);
}

async function check(actor: Actor, wanted: Parameters<typeof checkConnection>[1]): Promise<void> {
  const found = await checkConnection(actor, wanted);
  if (!found.ok) throw new AppError("unavailable", found.message, { remedy: found.remedy });
  tell(`${found.system}, signed in as ${found.as}`);
  for (const line of found.sees) tell(`  sees ${line}`);
  for (const { what, because, remedy } of found.cannotSee) tell(`  cannot see ${what}: ${because}. ${remedy}`);
  for (const line of found.gives ?? []) tell(`  gives ${line}`);
  for (const { what, because, remedy } of found.cannotGive ?? []) tell(`  cannot give ${what}: ${because}. ${remedy}`);
}

function minutes(text: string): number | null {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value === 0 ? null : value;
  throw new AppError("invalid", `--every takes a number of minutes, not "${text}"`, { field: "every" });
}

async function sync(name: string | undefined, flags: SyncFlags): Promise<void> {
  const actor = await openInstallation();
  const wanted = name ? [await getConnection(actor, name)] : await readable(actor);
  if (wanted.length === 0) tell("There is no connection to read. Make one with: rollcall connect");
  for (const { id, name: called } of wanted) {
    const runId =
      flags.apply || flags.discard ? await resolve(actor, id, flags) : (await requestSync(actor, { id })).runId;
    const [run] = await Promise.all([followSync(actor, runId, called), readHere(actor, runId)]);
    if (!printRun(run, called, flags.json ?? false) && !flags.discard) process.exitCode = 1;
  }
}

async function readable(actor: Actor): Promise<{ id: string; name: string }[]> {
  const all = await listConnections(actor);
  return all.filter(({ connector }) => connectorNamed(connector)?.read);
}

// A worker may take the same run at any moment; whoever comes second waits, and takes it up if the first one dies.
async function readHere(actor: Actor, runId: string): Promise<void> {
  while (!(await runSync(actor, { runId }))) {
    if (hasSettled(await getSync(actor, runId))) return;
    await wait(1_000);
  }
}

async function resolve(actor: Actor, id: string, flags: SyncFlags): Promise<string> {
  const { runs, name } = await getConnection(actor, id);
  const paused = runs.find((run) => run.state === "paused");
  if (!paused) throw new AppError("conflict", `The brake has not paused a sync of ${name}`);
  return (await (flags.apply ? applySync : discardSync)(actor, { runId: paused.id })).runId;
}
