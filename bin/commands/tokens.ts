import type { Command } from "commander";
import { listApiTokens } from "@/lib/auth/api-token-queries";
import { createApiToken, createApiTokenInput } from "@/lib/auth/create-api-token";
import { scopeNames } from "@/lib/auth/permissions";
import { revokeApiToken, revokeApiTokenInput } from "@/lib/auth/revoke-api-token";
import { openInstallation } from "../open-installation";
import { print, printJson, printTable, tell } from "../terminal";

type CreateFlags = { name: string; scope: string[]; for?: string; days: string; json?: true };

/** `rollcall token create | list | revoke` */
export function addTokenCommands(program: Command): void {
  const token = program.command("token").description("API tokens");
  token
    .command("create")
    .description("make an API token; it is shown this once")
    .requiredOption("--name <name>", "what it is for")
    .option("--scope <scope>", `what it may do, may be repeated: ${scopeNames.join(", ")}`, collect, [])
    .option("--for <email>", "it acts as this person, with that person's rights")
    .option("--days <days>", "how many days it lives, at most 365", "90")
    .action(create);
  token.command("list").description("API tokens, newest first; never their secrets").action(list);
  token.command("revoke").description("end a token; its next use is refused").argument("<id>").action(revoke);
}

function collect(value: string, before: string[]): string[] {
  return [...before, ...value.split(",").filter(Boolean)];
}

async function create(flags: CreateFlags): Promise<void> {
  const input = createApiTokenInput.parse({
    name: flags.name,
    scopes: flags.scope,
    for: flags.for ?? null,
    expiresInDays: Number(flags.days),
  });
  const made = await createApiToken(await openInstallation(), input);
  if (flags.json) return printJson(made);
  const whose = made.for ? `acts as ${made.for}` : `may ${made.scopes.join(", ")}`;
  tell(`Token "${made.name}" ${whose}, until ${made.expiresAt.toISOString()}. It is not shown again.`);
  print(made.token);
}

async function list(flags: { json?: true }): Promise<void> {
  const actor = await openInstallation();
  const rows: string[][] = [["ID", "NAME", "ENDS IN", "STATUS", "UNTIL", "LAST USE", "MAY"]];
  let cursor: string | null = null;
  do {
    const page = await listApiTokens(actor, { limit: 500, cursor: cursor ?? undefined });
    cursor = page.nextCursor;
    for (const token of page.items) {
      if (flags.json) printJson(token);
      const may = token.for ? `all that ${token.for} may` : token.scopes.join(", ");
      const lastUse = token.lastUsedAt?.toISOString() ?? "not seen";
      rows.push([token.id, token.name, token.hint, token.status, token.expiresAt.toISOString(), lastUse, may]);
    }
  } while (cursor);
  if (!flags.json) printTable(rows);
}

async function revoke(id: string, flags: { json?: true }): Promise<void> {
  const input = revokeApiTokenInput.parse({ id });
  const revoked = await revokeApiToken(await openInstallation(), input);
  if (flags.json) return printJson(revoked);
  print(`Revoked at ${revoked.revokedAt.toISOString()}.`);
}
