-- A list goes on from where its last page ended by comparing (expression, id) as a row. That needs both columns of the
-- index in one direction and expressions that are never null.
drop index identities_privilege;
drop index identities_reaches;
drop index identities_last_used;
drop index identities_oldest_credential;
drop index identities_first_seen;
create index identities_privilege on identities (privilege, id) where removed_at is null;
create index identities_reaches on identities (reaches, id) where removed_at is null;
create index identities_last_used on identities ((coalesce(last_used_at, '-infinity'::timestamptz)), id) where removed_at is null;
create index identities_oldest_credential on identities ((coalesce(oldest_credential_at, 'infinity'::timestamptz)), id) where removed_at is null;
create index identities_first_seen on identities (first_seen_at, id) where removed_at is null;
-- Filters that name few among many.
create index identities_credential_age on identities (oldest_credential_at) where removed_at is null;
create index identities_unused on identities ((coalesce(last_used_at, not_used_since))) where removed_at is null and last_use_state <> 'unknown';
create index identities_backup_owner on identities (backup_owner_id) where removed_at is null;
create index identities_connections on identities using gin (connection_names) where removed_at is null;
create index identities_gone on identities (removed_at) where removed_at is not null;
-- Search plans by how common a term is; the default of 100 samples cannot tell one in a hundred from one in a million.
alter table identities alter column search set statistics 1000;
alter table principals alter column search set statistics 1000;
alter table credentials alter column search set statistics 1000;
alter table resources alter column search set statistics 1000;
-- Credentials, resources and accounts by the same rule.
drop index credentials_created;
drop index credentials_expires;
drop index credentials_last_used;
create index credentials_created on credentials ((coalesce(source_created_at, 'infinity'::timestamptz)), id) where removed_at is null;
create index credentials_expires on credentials ((coalesce(expires_at, 'infinity'::timestamptz)), id) where removed_at is null;
create index credentials_last_used on credentials ((coalesce(last_used_at, '-infinity'::timestamptz)), id) where removed_at is null;
create index credentials_first_seen on credentials (first_seen_at, id) where removed_at is null;
create index resources_first_seen on resources (first_seen_at, id) where removed_at is null;
create index resources_owner on resources (owner_id) where removed_at is null and owner_id is not null;
create index principals_unmatched_name on principals (lower(name), id) where removed_at is null and identity_id is null and type = 'account';
create index principals_first_seen on principals (first_seen_at, id) where removed_at is null and type = 'account';
create index principals_unmatched_first_seen on principals (first_seen_at, id) where removed_at is null and identity_id is null and type = 'account';
