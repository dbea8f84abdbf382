/** SQL: is an item of what is left behind still open? `i` is its row; it is, until it is no longer so or kept for a time. */
export const isOpenSql = `i.settled_at is null and not (i.disposition is not distinct from 'keep' and i.keep_until > clock_timestamp())
  and not (i.kind = 'caller' and i.disposition is not distinct from 'cancel')`;

/** How many items of the run `$1` are open. */
export const openItemsSql = `select count(*)::int as open from offboarding_items i where i.offboarding_id = $1::uuid and ${isOpenSql}`;
