-- Filters that few identities or none meet: without an index of their own the whole list is walked to find that out.
create index identities_inactive on identities (status, lower(name), id) where removed_at is null and status <> 'active';
create index identities_not_used on identities (lower(name), id) where removed_at is null and last_use_state = 'not_used';
create index identities_no_owner_environment on identities (environment, privilege, id) where removed_at is null and owner_id is null and kind <> 'human';
create index identities_criticality on identities (criticality, lower(name), id) where removed_at is null and criticality is not null;
-- Asked without a sort of its own, by a time that few or none have: the column is what the planner knows about.
create index identities_used on identities (last_used_at) where removed_at is null and last_use_state = 'used';
