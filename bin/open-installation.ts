import { userInfo } from "node:os";
import { type SystemActor, system } from "@/lib/auth/actor";
import { migrate } from "@/lib/db/migrate";
import { env } from "@/lib/env";
import { checkEncryptionKey } from "@/lib/operations/check-key";
import * as installation from "@/lib/operations/open-installation";

let opened: installation.Installation | null = null;

/**
 * Finds this installation's database: DATABASE_URL, else the embedded server, which is started for as long as the
 * command runs when it does not run already. @returns as whom the command acts.
 */
export async function openInstallation(): Promise<SystemActor> {
  const { embedded, databaseUrl } = await open();
  if (embedded) await migrate(databaseUrl);
  await checkEncryptionKey(env().ROLLCALL_ENCRYPTION_KEY ?? "");
  return system(`command line (${userName()})`);
}

/** The database's address, before anything is known of what is in it. */
export async function openDatabase(): Promise<string> {
  return (await open()).databaseUrl;
}

/** Ends what was started for this command only. */
export async function closeInstallation(): Promise<void> {
  if (opened?.embedded?.startedHere) await opened.embedded.stop();
}

async function open(): Promise<installation.Installation> {
  opened ??= await installation.openInstallation();
  return opened;
}

// A container may run under a number that has no name.
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}
