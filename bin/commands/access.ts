import { type Command, Option } from "commander";
import { z } from "zod";
import { evaluateAccess } from "@/lib/access/evaluate-access";
import { listIdentityAccess } from "@/lib/access/identity-access-queries";
import { listResourceAccess } from "@/lib/access/resource-access-queries";
import { type AccessUse, type Evaluation, type EvaluationAnswer, evaluation } from "@/lib/access/schema";
import type { Actor } from "@/lib/auth/actor";
import { AppError } from "@/lib/errors";
import { findIdentityNamed, findResourceNamed } from "@/lib/inventory/find-named";
import { lineBatches } from "../line-batches";
import { openInstallation } from "../open-installation";
import { print, printJson, printTable, tell } from "../terminal";

type Narrowing = { at?: string; permission?: string; connection?: string; paths: string; json?: true };
type WhoFlags = Narrowing & { resource?: string };
type ReachFlags = Narrowing & { type?: string };
type CanFlags = { connection?: string; type?: string; stdin?: true; json?: true };

const pageSize = 500;
const batchSize = 1_000;

/** `rollcall who`, `rollcall reach` and `rollcall can` */
export function addAccessCommands(program: Command): void {
  narrowed(program.command("who").description("what an identity can reach, with every path"))
    .argument("<identity>", "an e-mail address, a name, an account's name or an id")
    .option("--resource <resource>", "only this resource: id, external id or name")
    .action(who);
  narrowed(program.command("reach").description("who can reach a resource, with every path"))
    .argument("<resource>", "a name, an external id or an id")
    .option("--type <type>", "its type, where several have the name")
    .action(reach);
  program
    .command("can")
    .description("may it? allowed, denied or conditional, with the paths; exits 1 unless allowed")
    .argument("[subject]", "name or external id of an account or group")
    .argument("[action]", "a permission in the system's own word")
    .argument("[resource]", "its name or external id")
    .option("--connection <name>", "the system in which it is asked")
    .option("--type <type>", "the resource's type; else it is looked up")
    .option("--stdin", "answer JSON lines of the API's evaluations from standard input, one line each")
    .action(can);
}

function narrowed(command: Command): Command {
  return command
    .option("--at <time>", "the past: an RFC 3339 time")
    .option("--permission <permission>", "only this permission")
    .option("--connection <name>", "only this system")
    .addOption(new Option("--paths <number>", "how many paths of each are shown").default("5"));
}

async function who(wanted: string, flags: WhoFlags): Promise<void> {
  const narrowing = narrowingOf(flags);
  const actor = await openInstallation();
  const { id, name, detail } = await findIdentityNamed(actor, wanted);
  tell(`${name} (${detail})`);
  const asked = {
    identityId: id,
    ...narrowing,
    connection: flags.connection,
    resource: flags.resource,
    limit: pageSize,
  };
  await eachEntry(
    (cursor) => listIdentityAccess(actor, { ...asked, cursor }),
    (entry) => [entry.permission, `${entry.resource.connection} ${entry.resource.type} ${entry.resource.name}`],
    flags.json ?? false,
  );
}

async function reach(wanted: string, flags: ReachFlags): Promise<void> {
  const narrowing = narrowingOf(flags);
  const actor = await openInstallation();
  const { id, ...resource } = await findResourceNamed(actor, { ...flags, text: wanted });
  tell(`${resource.type} ${resource.name} in ${resource.connection}`);
  await eachEntry(
    (cursor) => listResourceAccess(actor, { resourceId: id, ...narrowing, limit: pageSize, cursor }),
    (entry) => [entry.permission, entry.identity?.name ?? `${entry.account.name} (no known identity)`],
    flags.json ?? false,
  );
}

function narrowingOf({ at, permission, paths }: Narrowing) {
  const parsed = z.object({
    at: z.iso.datetime({ offset: true, error: "takes an RFC 3339 time, like 2026-08-01T12:00:00Z" }).optional(),
    paths: z.coerce.number({ error: "takes a number" }).int().min(1).max(1_000),
  });
  const checked = parsed.parse({ at, paths });
  return { permission, paths: checked.paths, ...(checked.at ? { at: new Date(checked.at) } : {}) };
}

type Entry = {
  condition: string | null;
  paths: { type: string; name: string }[][];
  morePaths: number;
  lastUse: AccessUse;
};

async function eachEntry<Item extends Entry>(
  listPage: (cursor: string | undefined) => Promise<{ items: Item[]; nextCursor: string | null }>,
  head: (entry: Item) => string[],
  asJson: boolean,
): Promise<void> {
  let cursor: string | undefined;
  let count = 0;
  do {
    const page = await listPage(cursor);
    cursor = page.nextCursor ?? undefined;
    count += page.items.length;
    if (asJson) page.items.forEach(printJson);
    else printTable(page.items.flatMap((entry) => linesOf(entry, head(entry))));
  } while (cursor);
  if (!asJson) tell(count === 0 ? "Nothing." : `${count} in all.`);
}

function linesOf(entry: Entry, head: string[]): string[][] {
  const paths = entry.paths.map((path) => path.map((step) => step.name).join(" > "));
  const more = entry.morePaths > 0 ? [`and ${entry.morePaths} more paths`] : [];
  const [first = "", ...others] = [...paths, ...more];
  const condition = entry.condition ? [`only if: ${entry.condition}`] : [];
  const blank = [...head.map(() => ""), ""];
  return [[...head, lastUseWords(entry.lastUse), first], ...[...condition, ...others].map((line) => [...blank, line])];
}

function lastUseWords({ state, at, since }: AccessUse): string {
  if (state === "used") return `used ${at?.slice(0, 10) ?? ""}`;
  return state === "not_used" ? `not since ${since?.slice(0, 10) ?? "?"}` : "use unknown";
}

async function can(
  subject: string | undefined,
  action: string | undefined,
  resource: string | undefined,
  flags: CanFlags,
): Promise<void> {
  if (flags.stdin) return canEach(await openInstallation(), flags);
  if (!subject || !action || !resource || !flags.connection) {
    throw new AppError("invalid", "can takes SUBJECT ACTION RESOURCE and --connection, or --stdin");
  }
  const actor = await openInstallation();
  const place = { text: resource, connection: flags.connection };
  const found = flags.type ? { type: flags.type, externalId: resource } : await findResourceNamed(actor, place);
  const question: Evaluation = {
    subject: { type: "account", id: subject },
    action: { name: action },
    resource: { type: found.type, id: found.externalId },
    context: { connection: flags.connection },
  };
  const [answer] = (await evaluateAccess(actor, { evaluations: [question] })).evaluations;
  if (!answer) return;
  if (!answer.decision) process.exitCode = 1;
  if (answer.context.error) throw new AppError("not_found", answer.context.error.message);
  if (flags.json) printJson(answer);
  else for (const line of answerLines(answer)) print(line);
}

function answerLines({ decision, context }: EvaluationAnswer): string[] {
  const word = decision ? "allowed" : context.conditional ? "conditional" : "denied";
  const paths = context.paths.map((path) => `  ${path.map((step) => step.name).join(" > ")}`);
  return [`${word}: ${context.reason}`, ...context.conditions.map((condition) => `  only if: ${condition}`), ...paths];
}

// A line that is no question is answered in its place, so that line n answers question n.
async function canEach(actor: Actor, flags: CanFlags): Promise<void> {
  for await (const lines of lineBatches(process.stdin, batchSize)) {
    const questions = lines.map((line) => questionOf(line, flags.connection));
    const asked = questions.flatMap((question) => (question.ok ? [question.value] : []));
    const { evaluations } =
      asked.length > 0 ? await evaluateAccess(actor, { evaluations: asked }) : { evaluations: [] };
    const answers = evaluations.values();
    for (const question of questions) {
      if (!question.ok) process.exitCode = 2;
      printJson(question.ok ? answers.next().value : { error: { code: "invalid", message: question.message } });
    }
  }
}

function questionOf(
  line: string,
  connection: string | undefined,
): { ok: true; value: Evaluation } | { ok: false; message: string } {
  let given: unknown;
  try {
    given = JSON.parse(line);
  } catch {
    return { ok: false, message: "this line is not JSON" };
  }
  const withConnection = connection ? { context: { connection }, ...(given as object) } : given;
  const parsed = evaluation.safeParse(withConnection);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issue = parsed.error.issues[0];
  return { ok: false, message: `${issue?.path.join(".")}: ${issue?.message}` };
}
