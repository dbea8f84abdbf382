import { type Command, Option } from "commander";
import { previewShape } from "@/app/api/v1/shapes/asking";
import { inboxShape } from "@/app/api/v1/shapes/deciding";
import { requestDetailShape, requestShape } from "@/app/api/v1/shapes/requests";
import { AppError } from "@/lib/errors";
import { callServer, listOf } from "../call-server";
import { followRequest, printCredentials, printRequest } from "../follow-request";
import { printPreview, printRequestDetail } from "../request-lines";
import { printJson, printTable } from "../terminal";
import { type Wanted, wantedItem } from "./catalogue";
import { requestId } from "./request-id";

type RequestFlags = {
  for?: string;
  and?: string[];
  duration: string;
  reason?: string;
  ticket?: string;
  starts?: string;
  give: string;
  account?: string;
  type?: string;
  breakGlass?: true;
  preview?: true;
  wait?: true;
  json?: true;
};
type ListFlags = { state?: string; mine?: true; inbox?: true; json?: true };

/** `rollcall request` and `rollcall requests`; and `cancel` and `answer`, of one's own request */
export function addRequestCommands(program: Command): void {
  program
    .command("request")
    .description("ask for access for a time, as the person of ROLLCALL_TOKEN")
    .argument("<connection>", "the system")
    .argument("<permission>", "in the system's own word; member of a group or role")
    .argument("<resource>", "its name or external id")
    .option("--and <access...>", "and another, in the same request: its system, permission and resource")
    .requiredOption("--duration <duration>", "how long, as PT2H or P7D, from when it is given")
    .option("--reason <text>", "why; needed but for --preview")
    .option("--for <whom>", "a report or a machine of one's own, by e-mail or id; oneself without")
    .option("--ticket <ticket>", "the ticket that it is for")
    .option("--starts <time>", "an RFC 3339 time; as soon as it is approved without")
    .addOption(new Option("--give <way>", "how").choices(["assignment", "credential"]).default("assignment"))
    .option("--account <account>", "which account is to hold it, where there are several")
    .option("--type <type>", "the resource's type; else it is looked up")
    .option("--break-glass", "at once, without approval; alerts the owners and is reviewed afterwards")
    .option("--preview", "ask for nothing: would it be allowed (exit 0) or not (exit 1), by which policy, who decides")
    .option("--wait", "until it is given or refused; hands out the credential at the end")
    .action(request);
  program
    .command("requests")
    .description("requests, newest first; with one, its steps, decisions and notes")
    .argument("[request]", "R-12 or its id")
    .option("--state <states>", "only these, with commas between")
    .option("--mine", "only those by or for oneself")
    .option("--inbox", "those that wait for one's own decision, longest first")
    .action(list);
  program
    .command("cancel")
    .description("take a request back, with what it gave")
    .argument("<request>", "R-12 or its id")
    .option("--reason <text>", "why")
    .action((wanted: string, { reason, json }: { reason?: string; json?: true }) =>
      tell({ wanted, json }, "cancel", reason ? { reason } : {}),
    );
  program
    .command("answer")
    .description("answer what a decider asked back, or add a word to a request")
    .argument("<request>", "R-12 or its id")
    .argument("<text>", "the answer")
    .action((wanted: string, text: string, { json }: { json?: true }) => tell({ wanted, json }, "answers", { text }));
}

async function request(connection: string, permission: string, named: string, flags: RequestFlags): Promise<void> {
  const wanted = [{ connection, permission, named }, ...others(flags.and ?? [])];
  if (wanted.length > 1 && (flags.type ?? flags.account) !== undefined)
    throw new AppError("invalid", "--type and --account are of one thing, and several are asked for", {
      field: flags.type ? "type" : "account",
      remedy: "Ask for that one alone.",
    });
  if (!flags.preview && !flags.reason?.trim())
    throw new AppError("invalid", "Whoever decides needs to know why", {
      field: "reason",
      remedy: "Say it with --reason; --preview needs none.",
    });
  const items = [];
  for (const it of wanted) items.push(await wantedItem(it, flags.type));
  const { account, ticket, starts, json = false } = flags;
  const body = {
    for: flags.for ?? "me",
    items: items.map((item) => ({ ...item, ...(account ? { account } : {}) })),
    reason: flags.reason ?? "",
    duration: flags.duration,
    give: flags.give,
    breakGlass: flags.breakGlass ?? false,
    ...(ticket ? { ticket } : {}),
    ...(starts ? { startsAt: starts } : {}),
  };
  if (flags.preview) return preview(body, json);
  const made = await callServer(requestDetailShape, { method: "POST", path: "/requests", body });
  const ended = flags.wait ? await followRequest(made) : made;
  if (!printRequest(ended, json)) process.exitCode = 1;
  if (flags.wait && flags.give === "credential") await printCredentials(ended, json);
}

function others(words: readonly string[]): Wanted[] {
  const found: Wanted[] = [];
  for (let at = 0; at < words.length; at += 3) {
    const [connection, permission, named] = words.slice(at, at + 3);
    if (!connection || !permission || !named)
      throw new AppError("invalid", "--and takes three words: a system, a permission and a resource", {
        field: "and",
        remedy: "As in: --and warehouse member auditors",
      });
    found.push({ connection, permission, named });
  }
  return found;
}

async function preview(body: unknown, asJson: boolean): Promise<void> {
  const found = await callServer(previewShape, { method: "POST", path: "/requests/preview", body });
  if (asJson) printJson(found);
  else printPreview(found);
  if (!found.allowed) process.exitCode = 1;
}

async function list(one: string | undefined, flags: ListFlags): Promise<void> {
  if (one !== undefined) {
    const path = `/requests/${await requestId(one)}`;
    const found = await callServer(requestDetailShape, { method: "GET", path });
    return flags.json ? printJson(found) : printRequestDetail(found);
  }
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

type Told = { wanted: string; json: true | undefined };

// What is said about a request that is there; where it is now is printed.
async function tell({ wanted, json }: Told, what: "cancel" | "answers", body: unknown): Promise<void> {
  const path = `/requests/${await requestId(wanted)}/${what}`;
  printRequest(await callServer(requestDetailShape, { method: "POST", path, body }), json ?? false);
}
