-- Identities whose kept facts (how much they reach, how privileged, by which systems) wait to be brought up to date:
-- whoever changes one edge marks it here, and a worker refreshes many at once within a second.
create table stale_facts (
  identity_id uuid primary key references identities (id) on delete cascade
);
