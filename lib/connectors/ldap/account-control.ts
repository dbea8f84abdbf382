// The flags of userAccountControl (MS-ADTS 2.2.16). Pure.

const flags = {
  disabled: 0x2,
  passwordNotRequired: 0x20,
  reversiblePassword: 0x80,
  trustAccount: 0x800,
  passwordNeverExpires: 0x1_0000,
  smartcardRequired: 0x4_0000,
  trustedForDelegation: 0x8_0000,
  notDelegated: 0x10_0000,
  desKeysOnly: 0x20_0000,
  noPreauthentication: 0x40_0000,
  protocolTransition: 0x100_0000,
} as const;
const domainController = 0x2000;
const readOnlyDomainController = 0x400_0000;

export type AccountControl = Record<keyof typeof flags, boolean> & { domainController: boolean };

/** What the flags of an account say. */
export function accountControl(value: number): AccountControl {
  const has = (flag: number) => (value & flag) !== 0;
  return {
    disabled: has(flags.disabled),
    passwordNotRequired: has(flags.passwordNotRequired),
    reversiblePassword: has(flags.reversiblePassword),
    trustAccount: has(flags.trustAccount),
    passwordNeverExpires: has(flags.passwordNeverExpires),
    smartcardRequired: has(flags.smartcardRequired),
    trustedForDelegation: has(flags.trustedForDelegation),
    notDelegated: has(flags.notDelegated),
    desKeysOnly: has(flags.desKeysOnly),
    noPreauthentication: has(flags.noPreauthentication),
    protocolTransition: has(flags.protocolTransition),
    domainController: has(domainController) || has(readOnlyDomainController),
  };
}

/** The bit of a disabled account. */
export const disabledFlag = flags.disabled;
/** The bit of a locked account in msDS-User-Account-Control-Computed. */
export const lockedFlag = 0x10;
/** The bit of a security group in groupType (MS-ADTS 2.2.12); without it the group is for mail only. */
export const securityFlag = 0x8000_0000;
