-- Since when somebody said that this identity has left; a source that still lists it does not make it active again.
alter table identities add column left_at timestamptz;

create table offboardings (
  id uuid primary key default uuid7(),
  number bigint not null generated always as identity unique,
  identity_id uuid not null references identities,
  kind text not null check (kind in ('person', 'machine')),
  state text not null check (state in ('ordered', 'executing', 'verifying', 'waiting_for_people', 'closed', 'paused_by_brake', 'cancelled')),
  cause text not null check (cause in ('person', 'program', 'source')),
  reason text not null,
  ordered_by text not null,
  ordered_by_identity_id uuid references identities,
  source_connection_id uuid references connections,
  created_at timestamptz not null,
  starts_at timestamptz not null,
  -- Of a machine: from when its accounts are shut, after its consumers were told. Otherwise starts_at.
  shut_at timestamptz not null,
  emergency boolean not null default false,
  -- Accounts are deleted so long after they were shut; null: never by Rollcall.
  hold_days integer check (hold_days >= 0),
  begun_at timestamptz,
  contain_by timestamptz,
  complete_by timestamptz,
  contained_at timestamptz,
  -- When every account was asked once more, after all else was done.
  probed_at timestamptz,
  completed_at timestamptz,
  closed_at timestamptz,
  cancelled_at timestamptz,
  because text,
  status_before text,
  -- Who called with it before it was shut, from where and when last.
  consumers jsonb not null default '[]',
  -- What remains of it once it is destroyed.
  tombstone jsonb
);
create unique index offboardings_live on offboardings (identity_id) where state not in ('closed', 'cancelled');
create index offboardings_of_identity on offboardings (identity_id, id);
create index offboardings_open on offboardings (state, starts_at) where state not in ('closed', 'cancelled');
create index offboardings_created on offboardings (created_at);

create table offboarding_steps (
  id uuid primary key default uuid7(),
  offboarding_id uuid not null references offboardings on delete cascade,
  position integer not null,
  kind text not null check (kind in ('sign_in', 'account', 'credential', 'grant', 'access', 'deletion')),
  -- A false alarm turns what was taken round.
  wanted text not null default 'gone' check (wanted in ('gone', 'back')),
  contains boolean not null,
  connection_id uuid references connections,
  account_id uuid references principals,
  group_id uuid references principals,
  entitlement_id uuid references entitlements,
  grant_id uuid references grants,
  credential_id uuid references credentials,
  name text not null,
  state text not null check (state in ('planned', 'acknowledged', 'verified', 'failed', 'needs_person', 'by_hand', 'kept', 'with_account', 'resurrected', 'dropped', 'restored')),
  not_before timestamptz,
  ordered_at timestamptz,
  acknowledged_at timestamptz,
  verified_at timestamptz,
  -- Of an account: its status before.
  was text,
  -- Did this run change it, or was it so before? Where a worker was lost in between, it is taken for changed.
  changed boolean not null default false,
  detail text not null default '',
  outlives jsonb not null default '[]',
  claim uuid,
  claimed_at timestamptz,
  attempts integer not null default 0,
  next_try_at timestamptz,
  last_error jsonb,
  -- What a person said of it: why it stays and until when, or what they did by hand.
  words text,
  words_by text,
  kept_until timestamptz,
  resurrected_at timestamptz
);
create index offboarding_steps_of_run on offboarding_steps (offboarding_id, position);
create index offboarding_steps_moving on offboarding_steps (next_try_at) where state in ('planned', 'acknowledged', 'failed');
create index offboarding_steps_of_account on offboarding_steps (account_id) where account_id is not null;
create index offboarding_steps_of_grant on offboarding_steps (grant_id) where grant_id is not null;
create index offboarding_steps_of_connection on offboarding_steps (connection_id) where connection_id is not null;
create index offboarding_steps_kept on offboarding_steps (kept_until) where state = 'kept';

create table offboarding_items (
  id uuid primary key default uuid7(),
  offboarding_id uuid not null references offboardings on delete cascade,
  kind text not null check (kind in ('owned_identity', 'backup_owner', 'owned_connection', 'owned_resource', 'report', 'request', 'approval', 'delegation', 'hand_task', 'token', 'policy', 'caller')),
  subject_id text not null,
  name text not null,
  detail text not null default '',
  suggested text,
  suggested_id uuid references identities,
  evidence text not null default '',
  disposition text check (disposition in ('hand_over', 'revoke', 'cancel', 'keep')),
  to_id uuid references identities,
  words text,
  keep_until timestamptz,
  decided_by text,
  decided_at timestamptz,
  settled_at timestamptz,
  found_at timestamptz not null,
  unique (offboarding_id, kind, subject_id)
);
create index offboarding_items_kept on offboarding_items (keep_until) where disposition = 'keep';
