import { normalDn } from "./dn";
import { type Entry, numberOf, textOf } from "./entry";

/**
 * What a password policy of OpenLDAP (slapo-ppolicy) says of time, where 0 is without limit, and whether it locks accounts;
 * null: that is not shown.
 */
export type PasswordPolicy = { dn: string; maxAgeSeconds: number; lockoutSeconds: number; locks: boolean | null };
/** By normal distinguished name. */
export type PasswordPolicies = ReadonlyMap<string, PasswordPolicy>;

export const policyAttributes = ["objectClass", "pwdMaxAge", "pwdLockout", "pwdLockoutDuration"] as const;
export const policyFilter = "(objectClass=pwdPolicy)";

/** The policies among entries. */
export function policiesOf(entries: readonly Entry[]): PasswordPolicies {
  return new Map(
    entries.map((entry) => [
      normalDn(entry.dn),
      {
        dn: entry.dn,
        maxAgeSeconds: numberOf(entry, "pwdMaxAge") ?? 0,
        lockoutSeconds: numberOf(entry, "pwdLockoutDuration") ?? 0,
        locks: locksBy(textOf(entry, "pwdLockout")),
      },
    ]),
  );
}

function locksBy(pwdLockout: string | null): boolean | null {
  return pwdLockout === null ? null : pwdLockout === "TRUE";
}

/** Is it sure that no account can be locked: is there no policy, or none that locks? */
export function nobodyLocks(policies: PasswordPolicies): boolean {
  return [...policies.values()].every(({ locks }) => locks === false);
}

/**
 * The policy of an account: the one it names, or the only one there is. Which is the default is written in the server's
 * configuration, which readers do not see; among several, none is taken for it.
 */
export function policyOf(entry: Entry, policies: PasswordPolicies): PasswordPolicy | null {
  const named = textOf(entry, "pwdPolicySubentry");
  if (named !== null) return policies.get(normalDn(named)) ?? null;
  return policies.size === 1 ? ([...policies.values()][0] ?? null) : null;
}
