import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { carryRecord } from "@/lib/audit/carry-record";
import {
  pauseDestination,
  removeDestination,
  resumeDestination,
  testDestination,
} from "@/lib/audit/change-destination";
import { createDestination } from "@/lib/audit/create-destination";
import { listDestinations } from "@/lib/audit/destination-queries";
import { createDestinationInput } from "@/lib/audit/destination-schema";
import { AppError } from "@/lib/errors";
import { openInstallation } from "../open-installation";
import { askSecret, print, printJson, printTable } from "../terminal";

type Flags = { json?: true };
type Wanted = Flags & {
  name: string;
  url?: string;
  host?: string;
  port?: string;
  ca?: string;
  bucket?: string;
  region?: string;
  prefix?: string;
  format?: string;
  allowPrivateHost?: true;
};

/** `rollcall audit destinations | send-to | pause | resume | test | stop-sending | send` */
export function addDestinationCommands(audit: Command): void {
  audit
    .command("destinations")
    .description("where the record goes outside the database, and how far it came")
    .action(list);
  audit
    .command("send-to <kind>")
    .description("send checkpoints to a webhook or s3, or events to http or syslog")
    .requiredOption("--name <name>", "what to call it")
    .option("--url <url>", "of webhook, s3 and http: the address")
    .option("--host <host>", "of syslog: the server")
    .option("--port <port>", "of syslog: its port for TLS (6514)")
    .option("--ca <file>", "of syslog: certificates (PEM) to believe")
    .option("--bucket <name>", "of s3")
    .option("--region <name>", "of s3 (us-east-1)")
    .option("--prefix <text>", "of s3: what the names of objects begin with (rollcall/)")
    .option("--format <format>", "of http and syslog: json or ocsf")
    .option("--allow-private-host", "let it be at a private address, or be reached without TLS")
    .action(add);
  for (const [name, { description }] of Object.entries(changes))
    audit.command(`${name} <name>`).description(description).action(changing(name));
  audit.command("send").description("send now what has not arrived").action(send);
}

async function list(flags: Flags): Promise<void> {
  const found = await listDestinations(await openInstallation());
  if (flags.json) return found.forEach(printJson);
  if (found.length === 0)
    return print("The record stays in the database: nothing outside it would show that it was cut off.");
  printTable([
    ["NAME", "KIND", "GETS", "HAS", "BEHIND", "STATE"],
    ...found.map((one) => [
      one.name,
      one.kind,
      one.carries,
      String(one.position),
      String(one.behind),
      one.pausedAt
        ? `paused since ${one.pausedAt.toISOString()}`
        : one.failingSince
          ? `failing since ${one.failingSince.toISOString()}: ${one.lastError}`
          : one.shown,
    ]),
  ]);
}

async function add(kind: string, { json, port, ca, ...flags }: Wanted): Promise<void> {
  const input = createDestinationInput.parse({
    kind,
    ...flags,
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(ca === undefined ? {} : { ca: await readFile(ca, "utf8") }),
    ...(await secretsOf(kind)),
  });
  const { id, signingSecret } = await createDestination(await openInstallation(), input);
  if (json) return printJson({ id, signingSecret });
  print(`The record goes to ${input.name} from now on.`);
  if (signingSecret) print(`Its checkpoints are signed with this secret, shown once: ${signingSecret}`);
}

async function secretsOf(kind: string): Promise<Record<string, string>> {
  if (kind === "s3")
    return {
      accessKeyId: (await secret("ROLLCALL_SECRET_ACCESS_KEY_ID", "Access key id")) ?? "",
      secretAccessKey: (await secret("ROLLCALL_SECRET_SECRET_ACCESS_KEY", "Secret access key")) ?? "",
    };
  if (kind !== "http") return {};
  const authorization = await secret("ROLLCALL_SECRET_AUTHORIZATION", "Authorization header (empty: none)");
  return authorization ? { authorization } : {};
}

async function secret(variable: string, question: string): Promise<string | null> {
  return process.env[variable] ?? askSecret(question);
}

const changes = {
  pause: {
    description: "let a destination rest",
    run: pauseDestination,
    done: (name: string) => `Nothing goes to ${name} until: rollcall audit resume ${name}`,
  },
  resume: {
    description: "let a destination go on where it was",
    run: resumeDestination,
    done: (name: string) => `The record goes to ${name} again.`,
  },
  test: {
    description: "send the newest once more",
    run: testDestination,
    done: (name: string) => `It is sent to ${name} within seconds; rollcall audit destinations says how it went.`,
  },
  "stop-sending": {
    description: "send nothing more there",
    run: removeDestination,
    done: (name: string) => `The record goes to ${name} no more.`,
  },
} as const;

function changing(what: string) {
  return async (name: string, flags: Flags): Promise<void> => {
    const change = Object.entries(changes).find(([known]) => known === what)?.[1];
    const actor = await openInstallation();
    const found = (await listDestinations(actor)).find((one) => one.name === name);
    if (!found || !change) throw new AppError("not_found", `The record goes to no place called ${name}`);
    await change.run(actor, { id: found.id });
    if (flags.json) printJson({ id: found.id });
    else print(change.done(name));
  };
}

async function send(flags: Flags): Promise<void> {
  await carryRecord(await openInstallation());
  await list(flags);
}
