import { type BerReader, Control } from "ldapts";

const policyControl = "1.3.6.1.4.1.42.2.27.8.5.1";
const errorTag = 0x81;
const accountLocked = 1;

/**
 * The question of the password policy draft (draft-behera-ldap-password-policy-10, 6): it goes along with a sign-in. Only a
 * directory whose overlay is on answers it, and one that is told to (ppolicy_use_lockout) says in it that the account is
 * locked.
 */
export class LockQuestion extends Control {
  answered = false;
  locked = false;

  constructor() {
    super(policyControl);
  }

  // A sequence of a warning and an error, either of which may be missing.
  override parse(reader: BerReader): void {
    this.answered = true;
    if (reader.readSequence() === null) return;
    while (reader.remain > 0) {
      const tag = reader.peek() ?? 0;
      const said = reader.readString(tag, true);
      if (tag === errorTag) this.locked = said?.[0] === accountLocked;
    }
  }
}
