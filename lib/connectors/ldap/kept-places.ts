import type { Context } from "../contract";
import { type Found, greetingSignal, KeptWarm } from "../kept-warm";
import { signIn } from "./client";
import { type Place, placeOf } from "./find-entry";
import type { Secrets, Settings } from "./schema";

type Call = Context<Settings, Secrets>;
type As = "reads" | "gives";

const kept = new KeptWarm<Place>((place) => place.session.close());

/** Does `work` as the account that gives or reads, in a session that was kept for that or in one of its own. */
export async function inPlace<T>(call: Call, as: As, work: (place: Place) => Promise<T>): Promise<T> {
  const place = (await takeKept(call, as)) ?? (await enter(call, as));
  let result: T;
  try {
    result = await work(place);
  } catch (error) {
    await place.session.close();
    throw error;
  }
  await keep(call, as, place);
  return result;
}

async function enter(call: Call, as: As): Promise<Place> {
  const session = await signIn(call, as);
  try {
    return await placeOf(session, call.settings);
  } catch (error) {
    await session.close();
    throw error;
  }
}

// Cut meanwhile, or gone without a word, it is closed: a sign-in of its own says what is wrong.
async function takeKept(call: Call, as: As): Promise<Place | null> {
  for (let place = kept.take(foundBy(call, as)); place; place = kept.take(foundBy(call, as))) {
    place.session.serve(greetingSignal(call.signal));
    const isThere = await place.session.entry("", ["objectClass"]).then(
      () => true,
      () => false,
    );
    place.session.serve(call.signal);
    if (isThere) return place;
    await place.session.close();
  }
  return null;
}

async function keep(call: Call, as: As, place: Place): Promise<void> {
  place.session.serve(null);
  if (!kept.keep(foundBy(call, as), place)) await place.session.close();
}

function foundBy({ settings, secrets }: Call, as: As): Found {
  const { host, port, bindDn, provisionDn } = settings;
  return { place: [host, port, bindDn, provisionDn, as], with: [settings, secrets] };
}
