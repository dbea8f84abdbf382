const settled = "('verified', 'by_hand', 'kept', 'restored', 'dropped')";

/**
 * SQL: is what the step `s` takes gone? What goes with its account is gone when the account is: until then whoever
 * leaves still holds it.
 */
export const isGoneSql = `(s.state in ${settled} or s.state = 'with_account' and not exists (
    select 1 from offboarding_steps a where a.offboarding_id = s.offboarding_id and a.kind = 'account'
      and a.account_id = s.account_id and a.state not in ${settled}))`;
