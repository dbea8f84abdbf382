-- Who signs in, what they may, what was recorded. Knows nothing of the inventory.
create extension if not exists pg_trgm;

-- Version 7 (RFC 9562, section 5.7): ids sort by time, so that new rows land at the end of an index.
create function uuid7() returns uuid language sql volatile parallel safe as $$
  select encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
    placing substring(int8send(floor(extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6), 52, 1), 53, 1), 'hex')::uuid
$$;

create table settings (
  key text primary key,
  value jsonb not null,
  updated_at timestamptz not null default now()
);

create table users (
  id uuid primary key default uuid7(),
  name text,
  email text unique,
  email_verified timestamptz,
  image text,
  roles text[] not null default '{}' check (roles <@ array['administrator', 'security', 'auditor', 'member']),
  role_source text not null default 'claims' check (role_source in ('claims', 'person')),
  identity_id uuid,
  created_at timestamptz not null default now(),
  last_sign_in_at timestamptz,
  disabled_at timestamptz
);

create table sign_in_accounts (
  id uuid primary key default uuid7(),
  user_id uuid not null references users on delete cascade,
  provider text not null,
  subject text not null,
  created_at timestamptz not null default now(),
  unique (provider, subject)
);

create table sessions (
  id uuid primary key default uuid7(),
  token_hash text not null unique,
  user_id uuid not null references users on delete cascade,
  authenticated_by text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  last_seen_at timestamptz not null default now(),
  ip text,
  user_agent text
);
create index sessions_user on sessions (user_id);

create table passkeys (
  id text primary key,
  user_id uuid not null references users on delete cascade,
  name text not null,
  public_key bytea not null,
  counter bigint not null default 0,
  transports text[] not null default '{}',
  created_at timestamptz not null default now(),
  last_used_at timestamptz
);
create index passkeys_user on passkeys (user_id);

create table challenges (
  id uuid primary key default uuid7(),
  purpose text not null,
  challenge text not null,
  user_id uuid references users on delete cascade,
  expires_at timestamptz not null
);

create table sign_in_links (
  id uuid primary key default uuid7(),
  token_hash text not null unique,
  user_id uuid not null references users on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);

create table api_tokens (
  id uuid primary key default uuid7(),
  name text not null,
  token_hash text not null unique,
  hint text not null,
  scopes text[] not null,
  user_id uuid references users on delete cascade,
  created_by text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz
);

create table rate_limits (
  key varchar(255) primary key,
  points integer not null default 0,
  expire bigint
);

create table idempotency_keys (
  key text not null,
  actor text not null,
  request_hash text not null,
  status integer,
  answer jsonb,
  created_at timestamptz not null default now(),
  primary key (actor, key)
);

-- The record. An event is written in the transaction of the change it tells of; audit_intake holds what the sequencer
-- has not yet given a place, so that writers never wait for each other.
create table audit_events (
  id uuid primary key default uuid7(),
  at timestamptz not null,
  actor_type text not null,
  actor_id text,
  actor_name text not null,
  actor jsonb not null,
  on_behalf_of jsonb,
  action text not null,
  target_type text,
  target_id text,
  target_name text,
  outcome text not null check (outcome in ('allowed', 'denied', 'failed')),
  why jsonb,
  before_digest text,
  after_digest text,
  details jsonb,
  request_id text
);
create index audit_events_at on audit_events (at desc, id desc);
create index audit_events_actor on audit_events (actor_id, at desc);
create index audit_events_target on audit_events (target_type, target_id, at desc);
create index audit_events_action on audit_events (action, at desc);

create table audit_intake (
  event_id uuid primary key references audit_events
);

create table audit_sequence (
  position bigint primary key,
  event_id uuid not null unique references audit_events,
  leaf_hash bytea not null,
  sequenced_at timestamptz not null default now()
);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the record is append-only: % on % is refused', tg_op, tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger audit_events_append_only before update or delete on audit_events for each row execute function refuse_change();
create trigger audit_events_no_truncate before truncate on audit_events for each statement execute function refuse_change();
create trigger audit_sequence_append_only before update or delete on audit_sequence for each row execute function refuse_change();
create trigger audit_sequence_no_truncate before truncate on audit_sequence for each statement execute function refuse_change();
