import { ConnectorError } from "../connector-error";
import type { AccountRef, Outcome } from "../provisioning";
import { disabledFlag } from "./account-control";
import { normalDn } from "./dn";
import { type Entry, numberOf, textOf } from "./entry";
import { findEntry, type Place } from "./find-entry";
import { type Call, changeOf, mayProvision } from "./give-access";
import { inPlace } from "./kept-places";
import { policyEntries } from "./lock-heeded";
import { lockedForGood } from "./map-openldap";
import { policiesOf, policyOf } from "./password-policy";
import { impossibleBy, isGoneAlready, isUnknownAttribute } from "./refusals";

const remedy = "Turn on the overlay ppolicy, with a policy in which pwdLockout is TRUE.";

const attributes = [
  "objectClass",
  "userAccountControl",
  "userPrincipalName",
  "pwdAccountLockedTime",
  "pwdPolicySubentry",
];

/** Keeps an account from signing in; nothing is deleted. */
export async function disable(context: Call, account: AccountRef): Promise<Outcome> {
  return onNewest(context, account, (place, entry) => {
    const who = context.settings.provisionDn;
    if (!entry) return Promise.resolve(unseen(account));
    if (isOwnEntry(context.settings, entry)) return Promise.resolve(ownAccount(entry.dn));
    return place.at.schema === "active-directory"
      ? setDisabled(place, entry, { who, disabled: true })
      : lockForGood(place, entry, who);
  });
}

/** Pure. Can anybody be shut out of a directory that was read as this? */
export function mayDisable(facts: Readonly<Record<string, unknown>>): true | { because: string; remedy: string } {
  return facts.locks === "nobody" ? { because: "no password policy of this directory locks accounts", remedy } : true;
}

/** Lets an account in again that `disable` shut. */
export async function enable(context: Call, account: AccountRef): Promise<Outcome> {
  return onNewest(context, account, (place, entry) => {
    const who = context.settings.provisionDn;
    if (!entry) return Promise.resolve(unseen(account));
    return place.at.schema === "active-directory"
      ? setDisabled(place, entry, { who, disabled: false })
      : unlock(place, entry, who);
  });
}

// Between our look and our change somebody else may have changed it: an administrator, or a worker that was killed and whose
// word came late. That is no refusal: what is there now is looked at anew.
async function onNewest(
  context: Call,
  account: AccountRef,
  change: (place: Place, entry: Entry | null) => Promise<Outcome>,
): Promise<Outcome> {
  for (let looks = 1; ; looks++) {
    try {
      return await onAccount(context, account, change);
    } catch (error) {
      if (!isGoneAlready(error) || looks >= 3) throw error;
    }
  }
}

/** Finds the account as the one that gives access, and does `work` with it. */
export async function onAccount<T>(
  context: Call,
  account: AccountRef,
  work: (place: Place, entry: Entry | null) => Promise<T>,
): Promise<T> {
  const may = mayProvision(context.settings);
  if (may !== true) throw new ConnectorError("invalid", may.because, { remedy: may.remedy });
  return inPlace(context, "gives", async (place) =>
    work(place, await findEntry(place, account.externalId, attributes)),
  );
}

/** Is an account shut for good, as far as its entry says? Null where the entry does not show it. */
export function isShut(place: Place, entry: Entry): boolean | null {
  if (place.at.schema !== "active-directory") return textOf(entry, "pwdAccountLockedTime") === lockedForGood;
  const flags = numberOf(entry, "userAccountControl");
  return flags === null ? null : (flags & disabledFlag) !== 0;
}

/** Does this connection sign in by this entry? */
export function isOwnEntry({ bindDn, provisionDn }: Call["settings"], entry: Entry): boolean {
  const names = [entry.dn, textOf(entry, "userPrincipalName")].filter((name) => name !== null).map(normalDn);
  return [bindDn, provisionDn].some((own) => own !== "" && names.includes(normalDn(own)));
}

/** What Rollcall needs itself is not shut. */
export function ownAccount(dn: string): Outcome {
  return {
    outcome: "impossible",
    because: `${dn} is an account by which Rollcall itself signs in`,
    remedy: "Remove the connection first.",
  };
}

function unseen(account: AccountRef): Outcome {
  const remedy = "Read the directory again; or let the account that gives access see it.";
  return { outcome: "impossible", because: `the directory shows no account ${account.name}`, remedy };
}

type Change = { who: string; disabled: boolean };

async function setDisabled({ session }: Place, entry: Entry, { who, disabled }: Change): Promise<Outcome> {
  const flags = numberOf(entry, "userAccountControl");
  if (flags === null) return hidden(entry, "userAccountControl");
  const wanted = disabled ? flags | disabledFlag : flags & ~disabledFlag;
  if (flags === wanted) return { outcome: "already", detail: `userAccountControl of ${entry.dn} is ${flags}` };
  // The old value goes along, so that a flag that somebody else sets at this moment is not lost.
  const changes = [
    changeOf("delete", { attribute: "userAccountControl", value: String(flags) }),
    changeOf("add", { attribute: "userAccountControl", value: String(wanted) }),
  ];
  try {
    await session.run(entry.dn, (client) => client.modify(entry.dn, changes));
  } catch (error) {
    return refused(error, who, entry.dn);
  }
  return { outcome: "done", detail: `userAccountControl of ${entry.dn} is ${wanted}` };
}

async function lockForGood(place: Place, entry: Entry, who: string): Promise<Outcome> {
  if (textOf(entry, "pwdAccountLockedTime") === lockedForGood)
    return { outcome: "already", detail: `${entry.dn} was locked for good` };
  const policy = policyOf(entry, policiesOf(await policyEntries(place)));
  if (policy?.locks === false) return withoutLock(entry);
  const change = changeOf("replace", { attribute: "pwdAccountLockedTime", value: lockedForGood });
  try {
    await place.session.run(entry.dn, (client) => client.modify(entry.dn, change));
  } catch (error) {
    return isUnknownAttribute(error) ? withoutLock(entry) : impossibleBy(error, who, entry.dn);
  }
  return { outcome: "done", detail: `pwdAccountLockedTime of ${entry.dn} is ${lockedForGood}` };
}

async function unlock({ session }: Place, entry: Entry, who: string): Promise<Outcome> {
  const locked = textOf(entry, "pwdAccountLockedTime");
  if (locked !== lockedForGood) return { outcome: "already", detail: `${entry.dn} is not locked for good` };
  const change = changeOf("delete", { attribute: "pwdAccountLockedTime", value: lockedForGood });
  try {
    await session.run(entry.dn, (client) => client.modify(entry.dn, change));
  } catch (error) {
    return refused(error, who, entry.dn);
  }
  return { outcome: "done", detail: `pwdAccountLockedTime of ${entry.dn} is gone` };
}

// That the value which we saw is not there any more says nothing of whether it may be changed.
function refused(error: unknown, who: string, dn: string): Outcome {
  if (isGoneAlready(error)) throw error;
  return impossibleBy(error, who, dn);
}

function withoutLock(entry: Entry): Outcome {
  return {
    outcome: "impossible",
    because: `no password policy of this directory locks ${entry.dn}`,
    remedy,
  };
}

function hidden(entry: Entry, attribute: string): Outcome {
  return {
    outcome: "impossible",
    because: `${attribute} of ${entry.dn} is not shown`,
    remedy: "Let the account that gives access read and write it, as the set-up instructions say.",
  };
}
