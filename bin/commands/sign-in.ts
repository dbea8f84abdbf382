import type { Command } from "commander";
import {
  createFirstAdministratorLink,
  createNamelessAdministratorLink,
  createSignInLink,
} from "@/lib/auth/create-sign-in-link";
import { AppError } from "@/lib/errors";
import { openInstallation } from "../open-installation";
import { print, printJson, tell } from "../terminal";

/** `rollcall sign-in-link` */
export function addSignInCommands(program: Command): void {
  program
    .command("sign-in-link")
    .description("make a one-time link that signs somebody in, when every other way in is lost")
    .argument("[email]", "of the person; without it, of the first administrator, who has none")
    .action(signInLink);
}

async function signInLink(email: string | undefined, flags: { json?: true }): Promise<void> {
  const actor = await openInstallation();
  const link = email
    ? await createSignInLink(actor, { email })
    : ((await createFirstAdministratorLink(actor)) ?? (await createNamelessAdministratorLink(actor)));
  if (!link) {
    throw new AppError("conflict", "An administrator has signed in already, and each has an e-mail address.", {
      remedy: "Name the person by e-mail address: rollcall sign-in-link ann@example.com",
    });
  }
  if (flags.json) return printJson(link);
  tell(`Works once, until ${link.expiresAt.toISOString()}. Whoever has it becomes that person.`);
  print(link.url);
}
