-- Where the record goes outside this database: checkpoints to anchors, events to streams. `position` is what has
-- arrived: the size of the last checkpoint, or the number of the last event.
create table audit_destinations (
  id uuid primary key default uuid7(),
  name text not null check (length(name) between 1 and 120),
  kind text not null check (kind in ('file', 'webhook', 's3', 'http', 'syslog')),
  settings jsonb not null,
  secrets bytea,
  position bigint not null default 0,
  arrived_at timestamptz,
  failing_since timestamptz,
  failures_in_row integer not null default 0,
  last_error text check (length(last_error) <= 500),
  next_try_at timestamptz,
  claimed_until timestamptz,
  created_at timestamptz not null default now(),
  removed_at timestamptz
);
create unique index audit_destinations_name on audit_destinations (name) where removed_at is null;
