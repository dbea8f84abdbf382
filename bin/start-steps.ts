import { system } from "@/lib/auth/actor";
import { createFirstAdministratorLink } from "@/lib/auth/create-sign-in-link";
import { connectOwnDatabase } from "@/lib/connections/connect-own-database";
import { fillDemo } from "@/lib/connections/fill-demo";
import { env } from "@/lib/env";
import { messageOf } from "@/lib/errors";
import { checkEncryptionKey } from "@/lib/operations/check-key";
import { fillDemoRequests } from "@/lib/requests/fill-demo-requests";
import { noticeRestoration } from "@/lib/restoration/notice-restoration";

// What a start does that needs the whole product loaded: a file of its own, so that the pages need not wait for it.
const actor = system("start");
type Say = (line: string) => void;

/** @throws AppError `conflict` when the database's secrets were encrypted with another key. */
export async function checkKey(): Promise<void> {
  await checkEncryptionKey(env().ROLLCALL_ENCRYPTION_KEY ?? "");
}

/** A restored database is older than its journal: sessions end here, and the worker takes back the rest again. */
export async function noticeRestored(say: Say): Promise<void> {
  const noticed = await noticeRestoration(actor).catch((error) => {
    say(`Whether this database is older than its journal is not known: ${messageOf(error)}`);
    return null;
  });
  if (noticed)
    say("This database is OLDER than its journal: it was restored. What was taken back since is taken again.");
}

/** The inventory begins with Rollcall's own accounts. What is wrong there is said, and keeps nobody out. */
export async function connectOwn(say: Say): Promise<void> {
  await connectOwnDatabase(actor).catch((error) => say(`Rollcall's own database is not read: ${messageOf(error)}`));
}

/** Fills an empty inventory, before anything else runs: it lives through the past with this process's clock set back. */
export async function fill(say: Say): Promise<void> {
  await checkKey();
  say("Filling the inventory with Nordwind, an invented company …");
  const filled = await fillDemo(actor);
  await fillDemoRequests(actor).catch((error) => say(`Nobody asks for anything in Nordwind: ${messageOf(error)}`));
  say(filled ? "Filled." : "Nordwind was here already.");
}

/** The one-time link of the first administrator; null when an administrator has signed in already. */
export function firstLink(): ReturnType<typeof createFirstAdministratorLink> {
  return createFirstAdministratorLink(actor);
}
