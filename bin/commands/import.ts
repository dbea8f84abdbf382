import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import { pipeline, type Readable, Transform } from "node:stream";
import type { Command } from "commander";
import { importFile, previewFile } from "@/lib/connections/import-file";
import { getSync } from "@/lib/connections/queries";
import { environments } from "@/lib/connections/schema";
import type { Connector, SourceFile } from "@/lib/connectors/contract";
import { connectorNamed, connectors } from "@/lib/connectors/registry";
import { AppError } from "@/lib/errors";
import { addSettingFlags, readJsonFile, settingsFromFlags } from "../connector-flags";
import { printRun } from "../follow-sync";
import { openInstallation } from "../open-installation";
import { print, printJson, printTable, showProgress } from "../terminal";

type ImportFlags = {
  name: string;
  env: (typeof environments)[number];
  identitySource?: true;
  mapping?: string;
  preview?: true;
  json?: true;
} & Record<string, unknown>;

/** `rollcall import` */
export function addImportCommand(program: Command): void {
  const command = program
    .command("import")
    .description("read an export file; a newer file of the same name replaces it");
  for (const name of Object.keys(connectors)) {
    const connector = connectorNamed(name);
    if (connector?.readFile) addImport(command, connector);
  }
}

function addImport(parent: Command, connector: Connector): void {
  const command = parent
    .command(connector.name)
    .description(connector.description)
    .argument("<file>", "the file, or - for standard input")
    .requiredOption("--name <name>", "how the connection is called here")
    .option("--env <environment>", environments.join(", "), "production")
    .option("--identity-source", "people come from here: its accounts make identities")
    .option(
      "--mapping <file>",
      "how columns become accounts, groups and so on, as JSON; else the saved one, or a guess",
    )
    .option("--preview", "say how the first rows would be read, and keep nothing");
  addSettingFlags(command, connector);
  command.action((file: string, flags: ImportFlags) => readExport(connector, file, flags));
}

async function readExport(connector: Connector, given: string, flags: ImportFlags): Promise<void> {
  const settings = await settingsFromFlags(connector, flags);
  const mapping = flags.mapping ? await readJsonFile(flags.mapping) : null;
  const file = await openFile(given);
  const actor = await openInstallation();
  const input = { connector: connector.name, name: flags.name, file, mapping, settings };
  if (flags.preview)
    return showPreview(await previewFile(actor, input, new AbortController().signal), flags.json ?? false);
  const { runId } = await importFile(actor, {
    ...input,
    file: { ...file, stream: watched(file, flags.name) },
    environment: flags.env,
    isIdentitySource: flags.identitySource ?? false,
  });
  showProgress(null);
  if (!printRun(await getSync(actor, runId), flags.name, flags.json ?? false)) process.exitCode = 1;
}

async function openFile(given: string): Promise<SourceFile> {
  if (given === "-") return { name: "standard input", stream: process.stdin, size: null };
  const facts = await stat(given).catch((cause) => {
    throw new AppError("invalid", `${given} cannot be read: ${cause.code ?? cause}`, { cause });
  });
  if (!facts.isFile()) throw new AppError("invalid", `${given} is not a file`);
  return { name: path.basename(given), stream: createReadStream(given), size: facts.size };
}

// Passes the file on and shows how much of it has gone by.
function watched({ stream, size }: SourceFile, name: string): Readable {
  let bytes = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      showProgress(`${name}: ${megabytes(bytes)}${size === null ? "" : ` of ${megabytes(size)}`} read`);
      done(null, chunk);
    },
  });
  // A source that breaks breaks the reader too, which reports it.
  pipeline(stream, counter, () => undefined);
  return counter;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function showPreview(preview: Awaited<ReturnType<typeof previewFile>>, asJson: boolean): void {
  if (asJson) {
    printJson(preview);
    return;
  }
  printTable([preview.columns, ...preview.rows.slice(0, 5)]);
  print("");
  print(`Read so: ${JSON.stringify(preview.mapping)}`);
  const kinds = Map.groupBy(preview.observations, (observation) => observation.kind);
  for (const [kind, found] of kinds) print(`  ${found.length} ${kind}: ${JSON.stringify(found[0]).slice(0, 300)}`);
  for (const problem of preview.problems) print(`  problem: ${problem}`);
}
