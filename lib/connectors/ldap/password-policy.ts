import { normalDn } from "./dn";
import { type Entry, numberOf, textOf } from "./entry";

/** What a password policy of OpenLDAP (slapo-ppolicy) says of time; 0 is without limit. */
export type PasswordPolicy = { maxAgeSeconds: number; lockoutSeconds: number; locks: boolean };
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
        maxAgeSeconds: numberOf(entry, "pwdMaxAge") ?? 0,
        lockoutSeconds: numberOf(entry, "pwdLockoutDuration") ?? 0,
        locks: textOf(entry, "pwdLockout") === "TRUE",
      },
    ]),
  );
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
