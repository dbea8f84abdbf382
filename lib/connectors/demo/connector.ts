import { z } from "zod";
import { ConnectorError } from "../connector-error";
import type { CheckResult, Connector, Context, ReadEvent, UsageCoverage, UsageEvent } from "../contract";
import { enclosing, patternGrants, permissionsOn } from "./evaluate";
import { lastUseOf, usesOn } from "./last-use";
import { type Known, observationsAt } from "./read";
import { type DemoSettings, dayOf, demoSettings, historyDays, momentOf, timeOf } from "./schema";
import { systems, worldOf } from "./systems";

const noSecrets = z.strictObject({});
type Demo = Context<DemoSettings, z.infer<typeof noSecrets>>;
const batch = 500;
const usagePage = 4_000;
/** Days on which something is amiss, so that what Rollcall does about it can be seen. */
const unreachableOn = [-1, 0];
const cutShortOn = 0;

/** One system of Nordwind, an invented company, as it stands on a day. The same seed always makes the same company. */
export const demo: Connector<DemoSettings, z.infer<typeof noSecrets>> = {
  name: "demo",
  label: "Demonstration",
  description: "One system of Nordwind, an invented company, for trying Rollcall out.",
  settings: demoSettings,
  secrets: noSecrets,
  words: { account: "account", group: "group" },
  check,
  read,
  usage,
  patternGrants,
  enclosing,
  permissionsOn,
};

async function check({ settings, now }: Demo): Promise<CheckResult> {
  const system = systems[settings.system];
  const seen = observationsAt(
    worldOf(settings.seed, settings.system),
    settings,
    momentOf(settings, now),
    knownOf(settings),
  );
  return {
    system: `${system.label} of Nordwind (invented)`,
    as: "rollcall-reader",
    sees: [
      `${seen.principal.length} accounts and groups`,
      `${seen.resource.length} resources`,
      `${seen.assignment.length} assignments`,
      `${seen.credential.length} credentials`,
    ],
    cannotSee: [...system.cannotSee],
  };
}

async function* read({ settings, now, signal }: Demo): AsyncIterable<ReadEvent> {
  const at = momentOf(settings, now);
  const system = systems[settings.system];
  refuseIfAway(settings, at);
  for (const coverage of coverageOf(settings)) yield { type: "coverage", coverage };
  for (const { what, because, remedy } of system.cannotSee) yield { type: "invisible", what, because, remedy };
  const seen = observationsAt(worldOf(settings.seed, settings.system), settings, at, knownOf(settings));
  if (settings.system === "ldap-emea" && dayOf(settings, at) === cutShortOn) cutShort(seen);
  for (const kind of ["principal", "resource", "membership", "assignment", "credential"] as const) {
    for (let start = 0; start < seen[kind].length; start += batch) {
      signal.throwIfAborted();
      yield { type: "observations", items: seen[kind].slice(start, start + batch) };
    }
    signal.throwIfAborted();
    yield { type: "ended", kind };
  }
}

// The partners' server is down on the day of the demonstration, as one of fourteen always is.
function refuseIfAway(settings: DemoSettings, at: Date): void {
  if (settings.system !== "sftp-dmz" || !unreachableOn.includes(dayOf(settings, at))) return;
  throw new ConnectorError("unreachable", "sftp-dmz did not answer: connect timed out after 10 s (10.9.0.14:22)", {
    object: "10.9.0.14:22",
    remedy: "Check that the server is up and that the firewall lets Rollcall through.",
  });
}

// Somebody moved the search base: more than half of the directory seems to be gone, and the brake stops it.
function cutShort(seen: ReturnType<typeof observationsAt>): void {
  const kept = new Set<string>();
  seen.principal = seen.principal.filter((item, index) => {
    const stays = item.kind === "group" || index % 100 >= 54;
    if (stays && "externalId" in item) kept.add(item.externalId);
    return stays;
  });
  seen.membership = seen.membership.filter((item) => item.kind === "membership" && kept.has(item.member));
  seen.assignment = seen.assignment.filter((item) => item.kind === "assignment" && kept.has(item.holder));
  seen.credential = seen.credential.filter((item) => item.kind === "credential" && kept.has(item.account));
}

/** What was used on each day since the cursor; without one, from the first day of the history on. */
async function* usage(context: Demo): AsyncIterable<{ events: UsageEvent[]; cursor: unknown }> {
  const { settings, signal } = context;
  const at = momentOf(settings, context.now);
  const known = knownOf(settings);
  if (!known.account) return;
  const { day: begin, share } = startOf(settings, context.cursor);
  const last = Math.min(dayOf(settings, at), known.accountUntil ?? Number.POSITIVE_INFINITY);
  let events: UsageEvent[] = [];
  for (let day = begin; day <= last; day++) {
    const end = Math.min(at.getTime(), timeOf(settings, day + 1).getTime() - 1_000);
    const told = { day, from: day === begin ? share : 0, to: shareOf(settings, day, new Date(end)) };
    events.push(...eventsOf(settings, told, new Date(end)));
    if (events.length < usagePage && day < last) continue;
    signal.throwIfAborted();
    yield { events, cursor: { day, share: told.to } };
    events = [];
  }
}

// One event for each account that was used in this part of the day.
function eventsOf(settings: DemoSettings, part: { day: number; from: number; to: number }, end: Date): UsageEvent[] {
  return worldOf(settings.seed, settings.system).principals.flatMap((account): UsageEvent[] => {
    const { use } = account;
    if (account.type === "group" || !use || account.from > part.day) return [];
    if (account.until !== null && account.until <= part.day) return [];
    const all = usesOn(settings, account.id, use, part.day);
    const moment = all > 0 ? lastUseOf(settings, account.id, use, account.from, end) : null;
    if (!moment || dayOf(settings, moment) !== part.day) return [];
    // What was told before is what had been used when it was told.
    const earlier = lastUseOf(settings, account.id, use, account.from, timeOf(settings, part.day, part.from * 1_440));
    const told =
      part.from > 0 && earlier && dayOf(settings, earlier) === part.day ? Math.max(1, Math.floor(all * part.from)) : 0;
    const uses = Math.max(1, Math.floor(all * part.to)) - told;
    if (uses <= 0) return [];
    return [{ account: account.id, at: moment, uses, ...(account.address ? { from: account.address } : {}) }];
  });
}

// How much of a day is over; the last second belongs to the day.
function shareOf(settings: DemoSettings, day: number, at: Date): number {
  return Math.min(1, (at.getTime() + 1_000 - timeOf(settings, day).getTime()) / 86_400_000);
}

function startOf(settings: DemoSettings, cursor: unknown): { day: number; share: number } {
  const parsed = z.object({ day: z.number().int(), share: z.number() }).safeParse(cursor);
  if (parsed.success) return parsed.data;
  const since = systems[settings.system].coverage[0]?.since ?? -historyDays;
  return { day: Math.max(-historyDays, since), share: 0 };
}

function knownOf(settings: DemoSettings): Known {
  const told = systems[settings.system].coverage;
  const account = told.find(({ subject }) => subject === "account");
  const keepsLastCall = settings.system === "api-gateway";
  return {
    account: account?.since !== undefined || keepsLastCall,
    credential: told.some(({ subject, since }) => subject === "credential" && since !== undefined),
    accountUntil: account?.until ?? null,
  };
}

function coverageOf(settings: DemoSettings): UsageCoverage[] {
  return systems[settings.system].coverage.map(({ subject, because, since, complete }) => ({
    subject,
    because,
    complete: complete ?? false,
    since: since === undefined ? null : timeOf(settings, since),
  }));
}
