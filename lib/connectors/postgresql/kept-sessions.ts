import type { Context } from "../contract";
import { type Found, KeptWarm } from "../kept-warm";
import type { SignedIn } from "./client";
import type { Secrets, Settings } from "./schema";

type Call = Context<Settings, Secrets>;

const kept = new KeptWarm<SignedIn>((session) => session.close());

/** A session that was kept for the same role, server and database; or null. It may be dead by now. */
export function takeKept(call: Call, database: string): SignedIn | null {
  return kept.take(foundBy(call, database));
}

/** Keeps a session whose work ended well for the next that comes in a moment; else closes it. */
export async function keep(call: Call, database: string, session: SignedIn): Promise<void> {
  session.rest();
  const isOwn = database === call.settings.database;
  if (!isOwn || !kept.keep(foundBy(call, database), session)) await session.close();
}

function foundBy({ settings, secrets }: Call, database: string): Found {
  const { host, port, provisionUser } = settings;
  return { place: [host, port, provisionUser, database], with: [settings, secrets] };
}
