-- Which accounts a directory says that somebody made.
create index if not exists principals_created_by on principals (connection_id, lower(attributes ->> 'createdBy'))
  where removed_at is null and attributes ? 'createdBy';
alter table offboarding_items drop constraint if exists offboarding_items_kind_check;
alter table offboarding_items add constraint offboarding_items_kind_check check (kind in ('owned_identity', 'backup_owner', 'owned_connection', 'owned_resource', 'created_identity', 'created_connection', 'report', 'request', 'approval', 'delegation', 'hand_task', 'token', 'policy', 'caller'));
