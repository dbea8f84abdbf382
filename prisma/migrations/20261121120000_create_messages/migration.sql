-- Messages to people and programs: where they go, each one sent, and who wants none by e-mail.
create table channels (
  id uuid primary key default uuid7(),
  name text not null,
  kind text not null check (kind in ('email', 'slack', 'teams', 'webhook')),
  settings jsonb not null default '{}',
  secrets bytea,
  events text[] not null default '{}',
  enabled boolean not null default true,
  created_at timestamptz not null default now(),
  removed_at timestamptz
);
create unique index channels_name on channels (name) where removed_at is null;

-- One message to one place. What was rendered is kept, so that a retry says the same and a reader sees what was said.
create table deliveries (
  id uuid primary key default uuid7(),
  channel_id uuid references channels,
  user_id uuid references users on delete set null,
  kind text not null check (kind in ('email', 'slack', 'teams', 'webhook')),
  event text not null,
  recipient text not null,
  subject text not null,
  content jsonb not null,
  key text,
  state text not null default 'waiting' check (state in ('waiting', 'sent', 'failed', 'given_up_by_person')),
  attempts integer not null default 0,
  next_try_at timestamptz,
  give_up_at timestamptz not null,
  claim uuid,
  claimed_until timestamptz,
  last_status integer,
  last_answer text check (length(last_answer) <= 500),
  created_at timestamptz not null default now(),
  sent_at timestamptz,
  check ((state = 'waiting') = (next_try_at is not null)),
  check ((state = 'sent') = (sent_at is not null))
);
create unique index deliveries_key on deliveries (key) where key is not null;
create index deliveries_state on deliveries (state, id desc);
create index deliveries_channel on deliveries (channel_id, id desc);
create index deliveries_due on deliveries (next_try_at) where state = 'waiting';
create index deliveries_created on deliveries (created_at);
create index deliveries_user on deliveries (user_id);

create table message_preferences (
  user_id uuid not null references users on delete cascade,
  event text not null,
  email boolean not null,
  primary key (user_id, event)
);
