import { createHash } from "node:crypto";
import { within } from "../time-limit";

// Many changes of one system come together: a thousand ends in one second sign in a few times, not a thousand. Those that
// are many wait for a moment only, so that nobody who drops a database or looks at who is signed in finds Rollcall there
// for no reason; one stays a little longer, so that whoever revokes what was just given need not wait for a sign-in.
const momentMs = 3_000;
const warmMs = 30_000;
const mostKept = 5;
// Who does not answer by then has gone without a word, and a sign-in of its own says what is wrong.
const greetingMs = 2_000;

type Kept<Session> = { session: Session; key: string; timer: NodeJS.Timeout };

/** By what a session may be found again: where it leads and as whom, and everything that it was signed in with. */
export type Found = { place: readonly unknown[]; with: unknown };

/**
 * Sessions of systems that no call is in. Whoever comes with other settings or another secret finds none that was signed in
 * with those before, and ends them. A session may be dead by the time it is found.
 */
export class KeptWarm<Session> {
  private readonly places = new Map<string, Kept<Session>[]>();

  constructor(private readonly close: (session: Session) => Promise<void>) {}

  /** A session that was kept for the same, or null. */
  take(found: Found): Session | null {
    const waiting = this.ofSame(found).pop();
    if (!waiting) return null;
    clearTimeout(waiting.timer);
    return waiting.session;
  }

  /** Keeps a session whose work ended well for the next that comes. @returns whether it is kept; else it is the caller's to close */
  keep(found: Found, session: Session): boolean {
    const waiting = this.ofSame(found);
    if (waiting.length >= mostKept) return false;
    const forMs = waiting.length === 0 ? warmMs : momentMs;
    const timer = setTimeout(() => this.drop(found, session), forMs).unref();
    waiting.push({ session, key: hashOf(found.with), timer });
    this.places.set(hashOf(found.place), waiting);
    return true;
  }

  private ofSame(found: Found): Kept<Session>[] {
    const place = hashOf(found.place);
    const key = hashOf(found.with);
    const waiting = this.places.get(place) ?? [];
    for (const other of waiting.filter((one) => one.key !== key)) this.drop(found, other.session);
    return this.places.get(place) ?? [];
  }

  private drop(found: Found, session: Session): void {
    const place = hashOf(found.place);
    const waiting = this.places.get(place) ?? [];
    const left = waiting.filter((one) => one.session !== session);
    for (const { timer } of waiting.filter((one) => one.session === session)) clearTimeout(timer);
    if (left.length > 0) this.places.set(place, left);
    else this.places.delete(place);
    void this.close(session);
  }
}

/** As long as a session that was kept may take to say that it is there. */
export function greetingSignal(signal: AbortSignal): AbortSignal {
  return within(greetingMs, signal);
}

function hashOf(what: unknown): string {
  return createHash("sha256").update(JSON.stringify(what)).digest("hex");
}
