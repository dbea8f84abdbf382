-- Accounts by last use, and what is known to be idle.
create index principals_last_used on principals ((coalesce(last_used_at, '-infinity'::timestamptz)), id) where removed_at is null and type = 'account';
create index principals_account_name on principals (lower(name), id) where removed_at is null and type = 'account';
create index credentials_unused on credentials ((coalesce(last_used_at, not_used_since))) where removed_at is null and last_use_state <> 'unknown';
create index credentials_connection on credentials (connection_id) where removed_at is null;
