-- The views that every installation has, in their order, at a million identities.
create index identities_no_owner_name on identities (lower(name), id) where removed_at is null and owner_id is null and kind <> 'human';
create index identities_no_owner_privilege on identities (privilege, id) where removed_at is null and owner_id is null and kind <> 'human';
create index identities_privileged_unused on identities ((coalesce(last_used_at, not_used_since))) where removed_at is null and privilege >= 3 and last_use_state <> 'unknown';
-- What is privileged is used more, what is in production is of other kinds: without knowing, a plan expects rows where
-- there are none and walks the whole list for them.
create statistics identities_facts (dependencies, mcv) on kind, status, environment, criticality, privilege, last_use_state from identities;
