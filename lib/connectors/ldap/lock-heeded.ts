import type { Entry } from "./entry";
import type { Place } from "./find-entry";
import type { LockQuestion } from "./lock-question";
import { policiesOf, policyAttributes, policyFilter, policyOf } from "./password-policy";

/** Does the directory keep anybody out by a lock? Null: nothing shows that it does. */
export type Heeded = { heeds: true; detail: string } | { heeds: null; detail: string; remedy: string };

/**
 * OpenLDAP writes down a lock whether or not anything heeds it: the overlay must be on, with a policy for this account that
 * locks. `question` went along with a sign-in to the account.
 */
export async function isHeeded(place: Place, entry: Entry, question: LockQuestion): Promise<Heeded> {
  if (question.locked) return { heeds: true, detail: "the directory itself answers that it is locked" };
  if (!question.answered) {
    return {
      heeds: null,
      detail: "the overlay ppolicy, without which no lock is heeded, did not answer",
      remedy: "Turn on the overlay ppolicy on the database of the accounts, with a policy in which pwdLockout is TRUE.",
    };
  }
  const policy = policyOf(entry, policiesOf(await policyEntries(place)));
  if (policy?.locks) return { heeds: true, detail: `${policy.dn} locks accounts` };
  return {
    heeds: null,
    detail: "which password policy holds for it, and whether that locks, is not shown",
    remedy:
      "Have the directory say so itself (ppolicy_use_lockout, olcPPolicyUseLockout: TRUE); or name a policy in which pwdLockout is TRUE in pwdPolicySubentry of the account.",
  };
}

/** The password policies that are shown to us. */
export async function policyEntries({ session, at }: Place): Promise<Entry[]> {
  const found: Entry[] = [];
  const search = { base: at.base, scope: "sub", filter: policyFilter, attributes: policyAttributes } as const;
  for await (const page of session.pages(search)) found.push(...page);
  return found;
}
