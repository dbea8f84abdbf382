import { userInfo } from "node:os";
import { type SystemActor, system } from "@/lib/auth/actor";
import { migrate } from "@/lib/db/migrate";
import { dataFolder, env, resetEnv } from "@/lib/env";
import { checkEncryptionKey } from "@/lib/operations/check-key";
import { starterOf } from "@/lib/operations/claim-folder";
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
  if (!opened) takeAddressOfRunning();
  opened ??= await installation.openInstallation();
  return opened;
}

// A link must lead to where the product runs, even if this terminal was not told its port.
function takeAddressOfRunning(): void {
  if (process.env.PORT || process.env.NEXTAUTH_URL) return;
  const running = starterOf(dataFolder());
  if (!running || !URL.canParse(running.address)) return;
  const { hostname, port, origin } = new URL(running.address);
  if (hostname === "localhost") process.env.PORT = port || "80";
  else process.env.NEXTAUTH_URL = origin;
  resetEnv();
}

// A container may run under a number that has no name.
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}
