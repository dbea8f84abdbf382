import type { Command } from "commander";
import { z } from "zod";
import { type GrantAnswer, grantDetailShape, grantShape } from "@/app/api/v1/shapes/grants";
import { requestDetailShape } from "@/app/api/v1/shapes/requests";
import { callServer, listOf } from "../call-server";
import { grantWords, printRequest } from "../follow-request";
import { print, printJson, printTable } from "../terminal";

type ListFlags = { state?: string; mine?: true; json?: true };
type ExtendFlags = { duration: string; reason: string; ticket?: string; json?: true };

/** `rollcall grants`, `rollcall revoke` and `rollcall extend` */
export function addGrantCommands(program: Command): void {
  program
    .command("grants")
    .description("access that is given for a time, newest first; with an id, one grant and its receipt")
    .argument("[id]")
    .option("--state <states>", "only these, with commas between: active, ending_failed, …")
    .option("--mine", "only what one holds oneself")
    .action(grants);
  program
    .command("revoke")
    .alias("give-back")
    .description("end a grant now, one's own or one that one may end; its receipt says when it is proven gone")
    .argument("<id>", "of the grant")
    .option("--reason <text>", "why", "")
    .action(revoke);
  program
    .command("extend")
    .description("ask for more time on a grant while it lasts")
    .argument("<id>", "of the grant")
    .requiredOption("--duration <duration>", "how much longer, as PT2H")
    .requiredOption("--reason <text>", "why")
    .option("--ticket <ticket>", "the ticket that it is for")
    .action(extend);
}

async function grants(id: string | undefined, flags: ListFlags): Promise<void> {
  if (id !== undefined) {
    const grant = await callServer(grantDetailShape, { method: "GET", path: `/grants/${encodeURIComponent(id)}` });
    return flags.json ? printJson(grant) : printGrant(grant);
  }
  const query = { state: flags.state, mine: flags.mine ? "true" : undefined, limit: "100" };
  const { items } = await callServer(listOf(grantShape), { method: "GET", path: "/grants", query });
  if (flags.json) return items.forEach(printJson);
  const lines = items.map((it) => [
    it.id,
    it.status,
    it.subject.name,
    it.endsAt ?? "",
    `${it.permission} on ${it.resource.name} in ${it.connection.name}`,
  ]);
  if (lines.length > 0) printTable([["ID", "STATUS", "HELD BY", "UNTIL", "WHAT"], ...lines]);
}

function printGrant(grant: GrantAnswer): void {
  print(`${grant.subject.name}: ${grantWords(grant)}`);
  if (grant.lastError) print(`  tried ${grant.attempts} times: ${grant.lastError.message}. ${grant.lastError.remedy}`);
  printTable(grant.receipt.map(({ at, step, detail }) => [`  ${at}`, step, detail]));
}

async function revoke(id: string, flags: { reason: string; json?: true }): Promise<void> {
  const ended = await callServer(z.object({ id: z.uuid(), status: grantShape.shape.status }), {
    method: "POST",
    path: `/grants/${encodeURIComponent(id)}/revoke`,
    body: { reason: flags.reason },
  });
  if (flags.json) return printJson(ended);
  print(
    ended.status === "ended" ? "Ended." : `Its end is ordered (${ended.status}). The receipt: rollcall grants ${id}`,
  );
}

async function extend(id: string, { duration, reason, ticket, json }: ExtendFlags): Promise<void> {
  const asked = await callServer(requestDetailShape, {
    method: "POST",
    path: `/grants/${encodeURIComponent(id)}/extend`,
    body: { duration, reason, ...(ticket ? { ticket } : {}) },
  });
  printRequest(asked, json ?? false);
}
