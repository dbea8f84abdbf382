import { type Command, Option } from "commander";
import { z } from "zod";
import { catalogueShape } from "@/app/api/v1/shapes/asking";
import { approvalFactsShape, inboxShape, itemHoldersShape } from "@/app/api/v1/shapes/deciding";
import { requestDetailShape, requestShape } from "@/app/api/v1/shapes/requests";
import { AppError } from "@/lib/errors";
import type { LastUse } from "@/lib/inventory/schema";
import { callServer, listOf } from "../call-server";
import { followRequest, printCredentials, printRequest } from "../follow-request";
import { confirm, print, printJson, printTable } from "../terminal";

type RequestFlags = {
  for?: string;
  duration: string;
  reason: string;
  ticket?: string;
  starts?: string;
  give: string;
  account?: string;
  type?: string;
  breakGlass?: true;
  wait?: true;
  json?: true;
};
type ListFlags = { state?: string; mine?: true; inbox?: true; json?: true };
type DecideFlags = { comment?: string; duration?: string; yes?: true; json?: true };

/** `rollcall request`, `rollcall requests`, `rollcall approve` and `rollcall deny` */
export function addRequestCommands(program: Command): void {
  program
    .command("request")
    .description("ask for access for a time, as the person of ROLLCALL_TOKEN")
    .argument("<connection>", "the system")
    .argument("<permission>", "in the system's own word; member of a group or role")
    .argument("<resource>", "its name or external id")
    .requiredOption("--duration <duration>", "how long, as PT2H or P7D, from when it is given")
    .requiredOption("--reason <text>", "why")
    .option("--for <whom>", "a report or a machine of one's own, by e-mail or id; oneself without")
    .option("--ticket <ticket>", "the ticket that it is for")
    .option("--starts <time>", "an RFC 3339 time; as soon as it is approved without")
    .addOption(new Option("--give <way>", "how").choices(["assignment", "credential"]).default("assignment"))
    .option("--account <account>", "which account is to hold it, where there are several")
    .option("--type <type>", "the resource's type; else it is looked up")
    .option("--break-glass", "at once, without approval; alerts the owners and is reviewed afterwards")
    .option("--wait", "until it is given or refused; hands out the credential at the end")
    .action(request);
  program
    .command("requests")
    .description("requests, newest first")
    .option("--state <states>", "only these, with commas between")
    .option("--mine", "only those by or for oneself")
    .option("--inbox", "those that wait for one's own decision, longest first")
    .action(list);
  for (const [name, about] of [
    ["approve", "approve a request, as asked or for a shorter time"],
    ["deny", "deny a request"],
  ] as const) {
    const command = program.command(name).description(about).argument("<request>", "R-12 or its id");
    command.option("--comment <text>", "what whoever asked is told").option("--yes", "do not ask back on a terminal");
    if (name === "approve") command.option("--duration <duration>", "for a shorter time than was asked for");
    command.action((wanted: string, flags: DecideFlags) => decide(name, wanted, flags));
  }
}

async function request(connection: string, permission: string, named: string, flags: RequestFlags): Promise<void> {
  const resource = flags.type
    ? { type: flags.type, id: named }
    : await resourceNamed({ connection, permission, named });
  const made = await callServer(requestDetailShape, {
    method: "POST",
    path: "/requests",
    body: {
      for: flags.for ?? "me",
      items: [{ connection, permission, resource, ...(flags.account ? { account: flags.account } : {}) }],
      reason: flags.reason,
      duration: flags.duration,
      give: flags.give,
      breakGlass: flags.breakGlass ?? false,
      ...(flags.ticket ? { ticket: flags.ticket } : {}),
      ...(flags.starts ? { startsAt: flags.starts } : {}),
    },
  });
  const ended = flags.wait ? await followRequest(made) : made;
  if (!printRequest(ended, flags.json ?? false)) process.exitCode = 1;
  if (flags.wait && flags.give === "credential") await printCredentials(ended, flags.json ?? false);
}

type Wanted = { connection: string; permission: string; named: string };

async function resourceNamed({ connection, permission, named }: Wanted): Promise<{ type: string; id: string }> {
  const { items } = await callServer(listOf(catalogueShape), {
    method: "GET",
    path: "/catalogue",
    query: { q: named, connection, limit: "200" },
  });
  const fitting = items.filter(
    ({ resource, permission: word }) =>
      [resource.id, resource.name].includes(named) && word.toLowerCase() === permission.toLowerCase(),
  );
  const types = [...new Set(fitting.map(({ resource }) => resource.type))];
  const [type] = types;
  if (type !== undefined && types.length === 1) return { type, id: named };
  if (types.length > 1)
    throw new AppError("invalid", `${named} is of several types there: ${types.join(", ")}`, {
      field: "type",
      remedy: "Say which with --type.",
    });
  throw new AppError("not_found", `${connection} offers no ${permission} on ${named}`, {
    remedy: "Look at the catalogue for what there is; a name is matched as a whole.",
  });
}

async function list(flags: ListFlags): Promise<void> {
  const query = { state: flags.state, mine: flags.mine ? "true" : undefined, limit: "100" };
  const { items } = flags.inbox
    ? await callServer(listOf(inboxShape), { method: "GET", path: "/inbox", query: { limit: "100" } })
    : await callServer(listOf(requestShape), { method: "GET", path: "/requests", query });
  if (flags.json) return items.forEach(printJson);
  const lines = items.map((it) => [
    `R-${it.number}`,
    it.status,
    it.subject.name,
    it.duration,
    it.waitsFor.join(", "),
    `${it.items.map((item) => `${item.permission} on ${item.resource} in ${item.connection}`).join("; ")}`,
  ]);
  if (lines.length > 0) printTable([["REQUEST", "STATUS", "FOR", "HOW LONG", "WAITS FOR", "WHAT"], ...lines]);
}

async function decide(decision: "approve" | "deny", wanted: string, flags: DecideFlags): Promise<void> {
  const id = await requestId(wanted);
  const seen = await show(id);
  if (!flags.yes && !(await confirm(`${decision === "approve" ? "Approve" : "Deny"} this?`)))
    throw new AppError("conflict", "Nothing was decided");
  const decided = await callServer(requestDetailShape, {
    method: "POST",
    path: `/requests/${id}/decisions`,
    body: {
      decision,
      seen,
      ...(flags.comment ? { comment: flags.comment } : {}),
      ...(flags.duration ? { duration: flags.duration } : {}),
    },
  });
  printRequest(decided, flags.json ?? false);
}

// What is shown is what is decided: the server refuses when it has changed meanwhile.
async function show(id: string): Promise<string> {
  const shape = z.object({ facts: approvalFactsShape, holders: z.array(itemHoldersShape), seen: z.string() });
  const { facts, holders, seen } = await callServer(shape, { method: "GET", path: `/requests/${id}/facts` });
  if (!process.stderr.isTTY) return seen;
  for (const item of facts.items) {
    print(`${item.permission} on ${item.resource} in ${item.connection} (${item.environment})`);
    print(`  opens ${item.opens.capped ? "more than " : ""}${item.opens.count} that are not reached yet`);
    print(`  ${item.others.holding} others have it, ${item.others.using} of them used it in ninety days`);
    const named = holders.find(({ itemId }) => itemId === item.id);
    for (const { name, lastUse } of named?.people ?? []) print(`    ${name}, ${lastUseWords(lastUse)}`);
    if (named && named.hidden > 0) print(`    ${named.hidden} more, hidden by your role`);
    if (item.outlives) print(`  ${item.outlives}`);
  }
  print(`Because: ${facts.reason}${facts.ticket ? ` (${facts.ticket})` : ""}`);
  return seen;
}

function lastUseWords({ state, at, since, because }: LastUse): string {
  if (state === "used") return `used ${at?.slice(0, 10) ?? ""}`;
  return state === "not_used" ? `not used since ${since?.slice(0, 10) ?? "it was first seen"}` : `unknown, ${because}`;
}

async function requestId(wanted: string): Promise<string> {
  if (z.uuid().safeParse(wanted).success) return wanted;
  const number = Number(/^r?-?(\d{1,15})$/i.exec(wanted)?.[1] ?? Number.NaN);
  const found = Number.isNaN(number)
    ? []
    : (await callServer(listOf(requestShape), { method: "GET", path: "/requests", query: { q: `R-${number}` } })).items;
  const [only] = found.filter((it) => it.number === number);
  if (only) return only.id;
  throw new AppError("not_found", `There is no request ${wanted} that you may see`, {
    remedy: "Look at: rollcall requests",
  });
}
