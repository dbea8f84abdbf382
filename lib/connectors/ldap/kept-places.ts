import { createHash } from "node:crypto";
import type { Context } from "../contract";
import { signIn } from "./client";
import { type Place, placeOf } from "./find-entry";
import type { Secrets, Settings } from "./schema";

// Many changes of one directory come together: sixty accesses of a leaver sign in a few times, not sixty. As short as in a
// server, so that nobody who looks finds Rollcall there for no reason.
const keptMs = 3_000;
const mostKept = 5;

type Call = Context<Settings, Secrets>;
type Kept = { place: Place; timer: NodeJS.Timeout };

const kept = new Map<string, Kept[]>();

/** Does `work` as the account that gives or reads, in a session that was kept for that or in one of its own. */
export async function inPlace<T>(call: Call, as: "reads" | "gives", work: (place: Place) => Promise<T>): Promise<T> {
  const key = createHash("sha256")
    .update(JSON.stringify([call.settings, call.secrets, as]))
    .digest("hex");
  const place = (await takeKept(key, call)) ?? (await enter(call, as));
  let result: T;
  try {
    result = await work(place);
  } catch (error) {
    await place.session.close();
    throw error;
  }
  await keep(key, place);
  return result;
}

async function enter(call: Call, as: "reads" | "gives"): Promise<Place> {
  const session = await signIn(call, as);
  try {
    return await placeOf(session, call.settings);
  } catch (error) {
    await session.close();
    throw error;
  }
}

// Cut meanwhile it is closed: a sign-in of its own says what is wrong.
async function takeKept(key: string, call: Call): Promise<Place | null> {
  for (let waiting = kept.get(key)?.pop(); waiting; waiting = kept.get(key)?.pop()) {
    const { place, timer } = waiting;
    clearTimeout(timer);
    place.session.serve(call.signal);
    const isThere = await place.session.entry("", ["objectClass"]).then(
      () => true,
      () => false,
    );
    if (isThere) return place;
    await place.session.close();
  }
  return null;
}

async function keep(key: string, place: Place): Promise<void> {
  const waiting = kept.get(key) ?? [];
  if (waiting.length >= mostKept) return place.session.close();
  place.session.serve(null);
  const timer = setTimeout(() => {
    const left = (kept.get(key) ?? []).filter((one) => one.place !== place);
    if (left.length > 0) kept.set(key, left);
    else kept.delete(key);
    void place.session.close();
  }, keptMs).unref();
  kept.set(key, [...waiting, { place, timer }]);
}
