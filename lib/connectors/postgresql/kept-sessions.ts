import { createHash } from "node:crypto";
import type { Context } from "../contract";
import type { SignedIn } from "./client";
import type { Secrets, Settings } from "./schema";

// Many changes of one system come together: a thousand ends in one second sign in a few times, not a thousand. Short,
// so that nobody who drops a database or looks at who is signed in finds Rollcall there for no reason.
const keptMs = 3_000;
const mostKept = 5;

type Call = Context<Settings, Secrets>;
type Kept = { session: SignedIn; timer: NodeJS.Timeout };

const kept = new Map<string, Kept[]>();

/** A session that was kept for the same role, server and database, bound to this call; or null. It may be dead by now. */
export function takeKept(call: Call, database: string): SignedIn | null {
  const waiting = kept.get(keyOf(call, database))?.pop();
  if (!waiting) return null;
  clearTimeout(waiting.timer);
  waiting.session.resume(call.signal);
  return waiting.session;
}

/** Keeps a session whose work ended well for the next that comes in a moment; else closes it. */
export async function keep(call: Call, database: string, session: SignedIn): Promise<void> {
  const key = keyOf(call, database);
  const waiting = kept.get(key) ?? [];
  if (waiting.length >= mostKept || database !== call.settings.database) return session.close();
  session.rest();
  const timer = setTimeout(() => {
    const left = (kept.get(key) ?? []).filter((one) => one.session !== session);
    if (left.length > 0) kept.set(key, left);
    else kept.delete(key);
    void session.close();
  }, keptMs).unref();
  kept.set(key, [...waiting, { session, timer }]);
}

function keyOf({ settings, secrets }: Call, database: string): string {
  return createHash("sha256")
    .update(JSON.stringify([settings, secrets, database]))
    .digest("hex");
}
