import { nowMs } from "../../time";
import type { AccessRef, AccountRef, HeldAccess, Outcome, SessionsEnded, TakenOne } from "../provisioning";
import { type AccessTarget, targetOf } from "./access-target";
import { cutOff, lookAtOpen } from "./end-sessions";
import { keyOf, nothingTaken, notTaken, placeOf, readBackOf, take, takenWords, together } from "./give-access";
import { asProvisioner, type Call, changingAll, inTheWayOf, type Provisioner, untilThrough } from "./provision-session";
import { impossible, refusalOf } from "./refusals";
import { type Standing, standing } from "./standing";

type Of = { account: AccountRef; accesses: readonly AccessRef[]; endingSessions: boolean };
type Own = { held: HeldAccess; target: AccessTarget };

/**
 * Takes accesses of one account in one session: all are looked at together, taken together, each by a statement that
 * succeeds or fails for itself, and read back together, after the sessions ended where those are to end. What is in another
 * database has a session of its own, and so has what is of the same table as another.
 */
export async function revokeAll(
  call: Call,
  { account, accesses, endingSessions }: Of,
): Promise<{ each: TakenOne[]; sessions: SessionsEnded | null }> {
  const own: Own[] = [];
  const keys = new Set<string>();
  for (const access of accesses) {
    const target = targetOf(access);
    if (!("kind" in target) || placeOf(call, target) !== call.settings.database) continue;
    // Taking a table touches its columns: of what is one thing only the first is taken with the others.
    if (!keys.has(keyOf(target))) own.push({ held: { account, access }, target });
    keys.add(keyOf(target));
  }
  const beside = new Set(own.map(({ held }) => held.access));
  const apart = new Map<AccessRef, TakenOne>();
  const takeTheRest = async () => {
    for (const access of accesses)
      if (!beside.has(access)) apart.set(access, await takeApart(call, { account, access }));
  };
  // Sessions end after all of them.
  if (endingSessions) await takeTheRest();
  const done = await asProvisioner(call, call.settings.database, (provisioner) =>
    takeOwn({ call, provisioner, own, ending: endingSessions ? { account, others: [...apart.values()] } : null }),
  );
  if (!endingSessions) await takeTheRest();
  const together = new Map(own.map(({ held }, n) => [held.access, done.each[n]]));
  return {
    each: accesses.map((access) => together.get(access) ?? apart.get(access) ?? unanswered),
    sessions: done.sessions,
  };
}

const unanswered: TakenOne = { error: new Error("the server did not answer for each") };

type Taking = {
  call: Call;
  provisioner: Provisioner;
  own: readonly Own[];
  /** Whose sessions end, and what was taken of them elsewhere. */
  ending: { account: AccountRef; others: readonly TakenOne[] } | null;
};

async function takeOwn({ call, provisioner, own, ending }: Taking) {
  const look = () => Promise.all(own.map(({ held, target }) => standing(provisioner, held.account, target)));
  const keys = own.map(({ target }) => keyOf(target));
  const { before, outcomes, doneAtMs, ...rest } = await changingAll(provisioner, keys, async (locked) => {
    const [before, open] = await Promise.all([
      look(),
      ending ? lookAtOpen(provisioner, ending.account) : undefined,
      locked,
    ]);
    const taking = own.map((one, n) => takeOne(call, provisioner, one, before[n]));
    const looking = ending ? null : look();
    // Where the session is cut meanwhile, both fail; the second is heard below.
    looking?.catch(() => undefined);
    const outcomes = await Promise.all(taking);
    return { before, open, outcomes, doneAtMs: nowMs(), after: await looking };
  });
  const again = new Map<number, TakenOne>();
  for (const [n, one] of own.entries())
    if (outcomes[n] === "again") again.set(n, await takeAgain(call, provisioner, one));
  // Whoever lost nothing keeps what is open.
  const isLoss = [...outcomes.map((outcome, n) => again.get(n) ?? outcome), ...(ending?.others ?? [])].some(tookAny);
  const sessions = ending && isLoss ? await cutOff(provisioner, ending.account, rest.open) : null;
  const after = rest.after ?? (await look());
  const each = own.map((one, n): TakenOne => {
    const [outcome, was, now] = [outcomes[n], before[n], after[n]];
    if (!was || !now || outcome === undefined || outcome === "again") return again.get(n) ?? unanswered;
    return answered({ one, outcome, before: was, now, provisioner, doneAtMs });
  });
  return { each, sessions };
}

function tookAny(one: Tried | TakenOne): boolean {
  if (one === "sent") return true;
  if (typeof one === "string" || "error" in one) return false;
  return ("taken" in one ? one.taken : one).outcome !== "impossible";
}

type Tried = Outcome | "sent" | "again" | { error: unknown };

// One statement, which is a transaction of its own. Where others were changing the same thing it is tried again alone.
async function takeOne(call: Call, provisioner: Provisioner, { held }: Own, before?: Standing): Promise<Tried> {
  if (!before?.givers.some((giver) => giver.ours))
    return before ? nothingTaken(before, held, provisioner) : { error: new Error("it was not looked at") };
  try {
    await provisioner.session.run(before.take);
    return "sent";
  } catch (error) {
    if (inTheWayOf(error)) return "again";
    const refusal = refusalOf(error, call.settings.provisionUser);
    return refusal === null ? { error } : impossible(refusal);
  }
}

type Answered = {
  one: Own;
  outcome: Exclude<Tried, "again">;
  before: Standing;
  now: Standing;
  provisioner: Provisioner;
  doneAtMs: number;
};

function answered({ one, outcome, before, now, provisioner, doneAtMs }: Answered): TakenOne {
  if (typeof outcome === "object" && "error" in outcome) return outcome;
  const readBack = readBackOf(now, one.held);
  if (outcome !== "sent") return { taken: outcome, doneAtMs, readBack };
  if (now.givers.some((giver) => giver.ours))
    return { taken: impossible(notTaken(now, provisioner)), doneAtMs, readBack };
  return { taken: { outcome: "done", detail: takenWords(before, now) }, doneAtMs, readBack };
}

async function takeAgain(call: Call, provisioner: Provisioner, { held, target }: Own): Promise<TakenOne> {
  try {
    const taken = await untilThrough(call, () => take(provisioner, held, target));
    const doneAtMs = nowMs();
    return { taken, doneAtMs, readBack: readBackOf(await standing(provisioner, held.account, target), held) };
  } catch (error) {
    const refusal = refusalOf(error, call.settings.provisionUser);
    if (refusal === null) return { error };
    const now = await standing(provisioner, held.account, target);
    return { taken: impossible(refusal), doneAtMs: nowMs(), readBack: readBackOf(now, held) };
  }
}

async function takeApart(call: Call, held: HeldAccess): Promise<TakenOne> {
  try {
    return await together(call, held, async (verbs) => {
      const taken = await verbs.revoke();
      return { taken, doneAtMs: nowMs(), readBack: await verbs.readBack() };
    });
  } catch (error) {
    return { error };
  }
}
