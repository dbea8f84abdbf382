import { ConnectorError } from "../connector-error";
import type { AccountRef, Outcome } from "../provisioning";
import { disabledFlag } from "./account-control";
import { signIn } from "./client";
import { type Entry, numberOf, textOf } from "./entry";
import { findEntry, type Place, placeOf } from "./find-entry";
import { type Call, changeOf, mayProvision } from "./give-access";
import { lockedForGood } from "./map-openldap";
import { policiesOf, policyAttributes, policyFilter, policyOf } from "./password-policy";
import { impossibleBy, isUnknownAttribute } from "./refusals";

const attributes = ["objectClass", "userAccountControl", "pwdAccountLockedTime", "pwdPolicySubentry"];

/** Keeps an account from signing in; nothing is deleted. */
export async function disable(context: Call, account: AccountRef): Promise<Outcome> {
  const may = mayProvision(context.settings);
  if (may !== true) throw new ConnectorError("invalid", may.because, { remedy: may.remedy });
  const session = await signIn(context, "gives");
  try {
    const place = await placeOf(session, context.settings);
    const entry = await findEntry(place, account.externalId, attributes);
    if (!entry) {
      const remedy = "Read the directory again; or let the account that gives access see it.";
      return { outcome: "impossible", because: `the directory shows no account ${account.name}`, remedy };
    }
    const who = context.settings.provisionDn;
    return place.at.schema === "active-directory"
      ? await disableInWindows(place, entry, who)
      : await lockForGood(place, entry, who);
  } finally {
    await session.close();
  }
}

async function disableInWindows({ session }: Place, entry: Entry, who: string): Promise<Outcome> {
  const flags = numberOf(entry, "userAccountControl");
  if (flags === null) return hidden(entry, "userAccountControl");
  if ((flags & disabledFlag) !== 0) return { outcome: "already", detail: `${entry.dn} was disabled` };
  // The old value goes along, so that a flag that somebody else sets at this moment is not lost.
  const changes = [
    changeOf("delete", { attribute: "userAccountControl", value: String(flags) }),
    changeOf("add", { attribute: "userAccountControl", value: String(flags | disabledFlag) }),
  ];
  try {
    await session.run(entry.dn, (client) => client.modify(entry.dn, changes));
  } catch (error) {
    return impossibleBy(error, who, entry.dn);
  }
  const tickets = "Kerberos tickets that it has go on until they end, after 10 hours by default";
  return { outcome: "done", detail: `userAccountControl of ${entry.dn} is ${flags | disabledFlag}; ${tickets}` };
}

async function lockForGood(place: Place, entry: Entry, who: string): Promise<Outcome> {
  if (textOf(entry, "pwdAccountLockedTime") === lockedForGood)
    return { outcome: "already", detail: `${entry.dn} was locked for good` };
  const policy = policyOf(entry, policiesOf(await policies(place)));
  if (policy?.locks === false) return withoutLock(entry);
  const change = changeOf("replace", { attribute: "pwdAccountLockedTime", value: lockedForGood });
  try {
    await place.session.run(entry.dn, (client) => client.modify(entry.dn, change));
  } catch (error) {
    return isUnknownAttribute(error) ? withoutLock(entry) : impossibleBy(error, who, entry.dn);
  }
  return { outcome: "done", detail: `pwdAccountLockedTime of ${entry.dn} is ${lockedForGood}` };
}

async function policies({ session, at }: Place): Promise<Entry[]> {
  const found: Entry[] = [];
  const search = { base: at.base, scope: "sub", filter: policyFilter, attributes: policyAttributes } as const;
  for await (const page of session.pages(search)) found.push(...page);
  return found;
}

function withoutLock(entry: Entry): Outcome {
  return {
    outcome: "impossible",
    because: `no password policy of this directory locks ${entry.dn}`,
    remedy: "Turn on the overlay ppolicy, with a policy in which pwdLockout is TRUE.",
  };
}

function hidden(entry: Entry, attribute: string): Outcome {
  return {
    outcome: "impossible",
    because: `${attribute} of ${entry.dn} is not shown`,
    remedy: "Let the account that gives access read and write it, as the set-up instructions say.",
  };
}
