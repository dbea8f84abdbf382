import type { Command } from "commander";
import { z } from "zod";
import { catalogueShape } from "@/app/api/v1/shapes/asking";
import { AppError } from "@/lib/errors";
import { privilegeLabels } from "@/lib/inventory/labels";
import { callServer, listOf } from "../call-server";
import { print, printJson, printTable } from "../terminal";

type Flags = { system?: string; environment?: string; colleagues?: true; held?: true; for?: string; json?: true };

/** `rollcall catalogue`: what may be asked for */
export function addCatalogueCommand(program: Command): void {
  program
    .command("catalogue")
    .description("what may be asked for: first what Rollcall gives and colleagues have, then the smaller")
    .argument("[words...]", "of its name, permission or system, or read, write, admin")
    .option("--system <connection>", "only in this system")
    .option("--environment <environment>", "only in this environment: production, staging, development")
    .option("--colleagues", "only what colleagues have")
    .option("--held", "only what is held already")
    .option("--for <id>", "for a report or a machine of one's own, by id; oneself without")
    .action(catalogue);
}

async function catalogue(words: string[], flags: Flags): Promise<void> {
  const { items, more } = await callServer(listOf(catalogueShape).extend({ more: z.boolean() }), {
    method: "GET",
    path: "/catalogue",
    query: {
      q: words.join(" ") || undefined,
      connection: flags.system,
      environment: flags.environment,
      colleagues: flags.colleagues && "true",
      held: flags.held && "true",
      for: flags.for,
      limit: "50",
    },
  });
  if (flags.json) return items.forEach(printJson);
  const lines = items.map((it) => [
    it.connection.name,
    it.permission,
    it.resource.name,
    privilegeLabels[it.privilege]?.toLowerCase() ?? "",
    String(it.colleagues),
    [it.held ? "held already" : "", it.byHand ? "by hand" : "", it.builtIn ? "built in" : ""]
      .filter(Boolean)
      .join(", "),
  ]);
  if (lines.length > 0) printTable([["SYSTEM", "PERMISSION", "RESOURCE", "ALLOWS", "COLLEAGUES", ""], ...lines]);
  if (more) print("There is more; another word narrows it.");
}

/** Something to ask for as it was typed. */
export type Wanted = { connection: string; permission: string; named: string };

type Item = { connection: string; permission: string; resource: { type: string; id: string } };

/** The same as an item of a request; what type the name is of is looked up in the catalogue. @throws AppError `not_found`, `invalid` */
export async function wantedItem({ connection, permission, named }: Wanted, type?: string): Promise<Item> {
  const item = (found: string) => ({ connection, permission, resource: { type: found, id: named } });
  if (type !== undefined) return item(type);
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
  const [only] = types;
  if (only !== undefined && types.length === 1) return item(only);
  if (types.length > 1)
    throw new AppError("invalid", `${named} is of several types there: ${types.join(", ")}`, {
      field: "type",
      remedy: "Say which with --type.",
    });
  throw new AppError("not_found", `${connection} offers no ${permission} on ${named}`, {
    remedy: "Look at rollcall catalogue for what there is; a name is matched as a whole.",
  });
}
