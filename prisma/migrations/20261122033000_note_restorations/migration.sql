-- What was taken back is also written outside this database, in a journal.
alter table audit_destinations
  drop constraint audit_destinations_kind_check,
  add constraint audit_destinations_kind_check check (kind in ('file', 'webhook', 's3', 'journal', 'http', 'syslog'));

-- That this database was found to be older than what was written outside it, and what became of that.
create table restorations (
  id uuid primary key default uuid7(),
  noticed_at timestamptz not null,
  -- How many events the database had then, and of which event it was told.
  had bigint not null,
  told bigint not null,
  -- By which file, and when the newest of what it told of happened.
  source text not null check (length(source) <= 4096),
  told_at timestamptz,
  -- The root of the newest checkpoint at this machine's anchor, when that was ahead: it is noted once.
  anchor_root bytea unique,
  sessions_ended integer not null default 0,
  links_ended integer not null default 0,
  -- Lines that were not believed, by why: {"forged": [12], "cut": 3, …}.
  doubts jsonb not null default '{}',
  settled_at timestamptz,
  seen_at timestamptz,
  seen_by text
);

-- What that told of and this database did not know, each event once: it is the memory of the course of events before.
create table restored_endings (
  event_id uuid primary key,
  restoration_id uuid not null references restorations (id),
  -- As it stood in the file.
  place bigint not null,
  number bigint not null,
  at timestamptz not null,
  action text not null,
  kind text not null,
  thing_id text not null,
  facts jsonb not null,
  state text not null default 'waiting' check (state in ('waiting', 'taken', 'already', 'unknown', 'overtaken', 'by_hand', 'failed')),
  detail text not null default '' check (length(detail) <= 1000),
  done_at timestamptz
);
create index restored_endings_restoration on restored_endings (restoration_id, place);
create index restored_endings_waiting on restored_endings (kind, thing_id, place) where state = 'waiting';

-- Somebody whose leaving began again after a restore.
alter table offboardings
  drop constraint offboardings_cause_check,
  add constraint offboardings_cause_check check (cause in ('person', 'program', 'source', 'restored'));
