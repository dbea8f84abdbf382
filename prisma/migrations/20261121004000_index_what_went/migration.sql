-- What went lately is counted for the overview and listed, however many identities there are.
create index identities_removed on identities (removed_at desc, id) where removed_at is not null;
create index sync_runs_created on sync_runs (created_at);
create index audit_events_refused on audit_events (at desc) where outcome <> 'allowed';
