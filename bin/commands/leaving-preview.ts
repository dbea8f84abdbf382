import type { z } from "zod";
import { type OffboardingAnswer, offboardingPreviewShape } from "@/app/api/v1/shapes/offboardings";
import { callServer } from "../call-server";
import { print, printJson, printTable } from "../terminal";

type Preview = z.infer<typeof offboardingPreviewShape>;

/** What would go, row by row, what would be left behind, and what will break. */
export async function preview(identity: string, json: boolean): Promise<void> {
  const path = "/offboardings/preview";
  const found = await callServer(offboardingPreviewShape, { method: "POST", path, body: { identity } });
  if (json) return printJson(found);
  const { signIn, accounts, credentials, grants, access } = found;
  const sessions = signIn.reduce((sum, it) => sum + it.sessions, 0);
  print(
    `${found.identity.name}: ${accounts.length} accounts, ${credentials.length} credentials, ${grants.length} grants,`,
  );
  print(`${access.length} accesses, ${sessions} sessions here`);
  printTable(accounts.map((it) => [`  ${it.name}`, `in ${it.connection}`, it.environment, it.byHand ?? it.status]));
  printGoing(found);
  if (found.listedIn.length > 0) print(`Only listed, with nothing to shut: ${found.listedIn.join(", ")}`);
  if (found.leftBehind.length > 0) print("Left behind:");
  printTable(
    found.leftBehind.map((it) => [
      ...[`  ${it.kind.replaceAll("_", " ")}`, it.name],
      ...[it.suggestedName ?? it.suggested ?? "", it.evidence],
    ]),
  );
  printConsumers(found.consumers);
}

function printGoing({ credentials, grants, access }: Preview): void {
  if (credentials.length > 0) print("Credentials that end with their account:");
  printTable(credentials.map((it) => [`  ${it.kind.replaceAll("_", " ")}`, it.name, `in ${it.connection}`]));
  if (grants.length > 0) print("Grants that end:");
  printTable(grants.map((it) => [`  ${it.permission} on ${it.resource}`, `in ${it.connection}`]));
  if (access.length > 0) print("Access that is taken:");
  printTable(
    access.map((it) => [
      ...[`  ${it.permission} on ${it.resource}`, `in ${it.connection}`],
      it.withAccount === null ? `from ${it.account}` : `goes with ${it.account}: ${it.withAccount}`,
    ]),
  );
}

/** Of a machine: who calls with it, and will fail. */
export function printConsumers(consumers: OffboardingAnswer["consumers"]): void {
  if (consumers.length > 0) print("Who calls with it, and what they do will break:");
  printTable(
    consumers.map((it) => [
      ...[`  ${it.from ?? "an unknown place"}`, it.account, it.lastAt, String(it.uses)],
      it.known?.answers ? `${it.known.answers.name} answers for it` : "",
    ]),
  );
}
