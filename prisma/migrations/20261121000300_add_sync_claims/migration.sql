-- Who works on a run: a worker that was paused and comes back finds another's claim, and its write is refused.
alter table sync_runs add column claim uuid;
alter table sync_runs add column problems jsonb not null default '[]';
alter table sync_runs add column problem_count integer not null default 0;
-- Duplicates within one read are told from a page that was read twice by their content.
create index staged_credentials_account on staged_credentials (run_id, account_external_id);
-- A condition may be longer than an index entry.
drop index entitlements_live;
create unique index entitlements_live on entitlements (resource_id, permission, coalesce(md5(condition), ''), coalesce(md5(pattern::text), '')) where removed_at is null;
-- Where the taking of usage from a live system has come to.
alter table connections add column usage_cursor jsonb;
