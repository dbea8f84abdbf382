-- What exists and who can reach it. Observed edges are intervals: nothing observed is ever overwritten.
create table connections (
  id uuid primary key default uuid7(),
  name text not null unique,
  connector text not null,
  environment text not null default 'production' check (environment in ('production', 'staging', 'development')),
  settings jsonb not null,
  secrets bytea,
  is_identity_source boolean not null default false,
  owner_id uuid,
  schedule_minutes integer check (schedule_minutes between 1 and 10080),
  brake_kind_share real not null default 0.5 check (brake_kind_share > 0 and brake_kind_share <= 1),
  brake_assignment_share real not null default 0.2 check (brake_assignment_share > 0 and brake_assignment_share <= 1),
  visibility jsonb not null default '[]',
  coverage jsonb not null default '{}',
  mapping jsonb,
  created_at timestamptz not null default now(),
  last_read_at timestamptz,
  next_sync_at timestamptz,
  failures_in_row integer not null default 0,
  status text not null default 'new' check (status in ('new', 'current', 'failing', 'paused')),
  removed_at timestamptz
);

create table sync_runs (
  id uuid primary key default uuid7(),
  connection_id uuid not null references connections,
  state text not null check (state in ('queued', 'reading', 'reconciling', 'paused', 'done', 'failed', 'discarded')),
  requested_by text not null,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  heartbeat_at timestamptz,
  progress jsonb not null default '{}',
  checkpoint jsonb,
  result jsonb,
  brake jsonb,
  error jsonb
);
create index sync_runs_connection on sync_runs (connection_id, created_at desc);
create unique index sync_runs_one_live on sync_runs (connection_id) where state in ('queued', 'reading', 'reconciling', 'paused');

create table identities (
  id uuid primary key default uuid7(),
  kind text not null check (kind in ('human', 'service_account', 'api_client', 'ci_pipeline', 'workload', 'bot', 'ai_agent')),
  kind_reason text not null,
  kind_set_by text,
  name text not null,
  name_set_by text,
  email text,
  employee_number text,
  status text not null default 'active' check (status in ('active', 'disabled', 'gone')),
  owner_id uuid references identities,
  backup_owner_id uuid references identities,
  manager_id uuid references identities,
  department text,
  title text,
  purpose text,
  environment text check (environment in ('production', 'staging', 'development')),
  environment_set_by text,
  criticality text check (criticality in ('low', 'medium', 'high', 'critical')),
  source_connection_id uuid references connections,
  first_seen_at timestamptz not null,
  removed_at timestamptz,
  updated_at timestamptz not null default now(),
  -- Kept facts: derived from accounts, credentials and the closure by refreshFacts; a test compares them with a count.
  account_count integer not null default 0,
  connection_names text[] not null default '{}',
  credential_count integer not null default 0,
  privilege smallint not null default 0 check (privilege between 0 and 4),
  reaches integer not null default 0,
  oldest_credential_at timestamptz,
  last_use_state text not null default 'unknown' check (last_use_state in ('used', 'not_used', 'unknown')),
  last_used_at timestamptz,
  not_used_since timestamptz,
  last_use_because text,
  search text not null default ''
);
create index identities_search on identities using gin (search gin_trgm_ops);
create index identities_search_prefix on identities (search text_pattern_ops);
create index identities_name on identities (lower(name), id) where removed_at is null;
create index identities_kind on identities (kind, lower(name), id) where removed_at is null;
create index identities_privilege on identities (privilege desc, id) where removed_at is null;
create index identities_reaches on identities (reaches desc, id) where removed_at is null;
create index identities_last_used on identities (last_used_at desc nulls last, id) where removed_at is null;
create index identities_oldest_credential on identities (oldest_credential_at, id) where removed_at is null;
create index identities_first_seen on identities (first_seen_at desc, id) where removed_at is null;
create index identities_owner on identities (owner_id) where removed_at is null;
create index identities_manager on identities (manager_id) where removed_at is null;
create index identities_email on identities (lower(email)) where removed_at is null;
create index identities_employee_number on identities (employee_number) where removed_at is null;
create index identities_no_owner on identities (environment, kind, id) where removed_at is null and owner_id is null and kind <> 'human';

-- A principal is an account or a group: what can hold an assignment and be a member. One table, because in many
-- systems (PostgreSQL roles) one thing is both.
create table principals (
  id uuid primary key default uuid7(),
  connection_id uuid not null references connections,
  type text not null check (type in ('account', 'group')),
  external_id text not null,
  name text not null,
  display_name text,
  email text,
  employee_number text,
  manager_external_id text,
  kind_hint text,
  kind_hint_reason text,
  status text not null default 'active' check (status in ('active', 'disabled', 'locked', 'expired')),
  valid_until timestamptz,
  source_created_at timestamptz,
  attributes jsonb not null default '{}',
  content_hash text not null,
  identity_id uuid references identities,
  match_rule text,
  match_reason text,
  match_confidence real,
  match_set_by text,
  first_seen_at timestamptz not null,
  removed_at timestamptz,
  last_use_state text not null default 'unknown' check (last_use_state in ('used', 'not_used', 'unknown')),
  last_used_at timestamptz,
  last_used_from text,
  not_used_since timestamptz,
  last_use_because text,
  search text not null default ''
);
create unique index principals_live on principals (connection_id, external_id) where removed_at is null;
create index principals_history on principals (connection_id, external_id, first_seen_at);
create index principals_identity on principals (identity_id);
create index principals_unmatched on principals (connection_id, id) where removed_at is null and identity_id is null and type = 'account';
create index principals_name on principals (lower(name), id) where removed_at is null;
create index principals_email on principals (lower(email)) where removed_at is null and email is not null;
create index principals_search on principals using gin (search gin_trgm_ops);
create index principals_search_prefix on principals (search text_pattern_ops);

-- How an account or group looked before its last change.
create table principal_versions (
  principal_id uuid not null references principals,
  valid_from timestamptz not null,
  valid_to timestamptz not null,
  name text not null,
  status text not null,
  attributes jsonb not null,
  primary key (principal_id, valid_to)
);

-- inherits: the member has the group's rights at once. switches: the member can become the group (SET ROLE, AssumeRole).
create table memberships (
  id bigint generated always as identity primary key,
  connection_id uuid not null references connections,
  member_id uuid not null references principals,
  group_id uuid not null references principals,
  inherits boolean not null,
  switches boolean not null,
  administers boolean not null,
  implicit boolean not null default false,
  first_seen_at timestamptz not null,
  removed_at timestamptz
);
create unique index memberships_live on memberships (member_id, group_id) where removed_at is null;
create index memberships_of_group on memberships (group_id, member_id) where removed_at is null;
create index memberships_connection on memberships (connection_id) where removed_at is null;
create index memberships_history_member on memberships (member_id, first_seen_at);
create index memberships_history_group on memberships (group_id, first_seen_at);

create table resources (
  id uuid primary key default uuid7(),
  connection_id uuid not null references connections,
  type text not null,
  external_id text not null,
  name text not null,
  parent_id uuid references resources,
  owner_id uuid references identities,
  attributes jsonb not null default '{}',
  content_hash text not null,
  first_seen_at timestamptz not null,
  removed_at timestamptz,
  search text not null default ''
);
create unique index resources_live on resources (connection_id, type, external_id) where removed_at is null;
create index resources_parent on resources (parent_id) where removed_at is null;
create index resources_name on resources (lower(name), id) where removed_at is null;
create index resources_search on resources using gin (search gin_trgm_ops);
create index resources_search_prefix on resources (search text_pattern_ops);

-- An entitlement with a pattern covers more than its own resource; the connector's evaluator says what.
create table entitlements (
  id uuid primary key default uuid7(),
  connection_id uuid not null references connections,
  resource_id uuid not null references resources,
  permission text not null,
  condition text,
  pattern jsonb,
  privilege smallint not null check (privilege between 1 and 4),
  first_seen_at timestamptz not null,
  removed_at timestamptz
);
create unique index entitlements_live on entitlements (resource_id, permission, coalesce(condition, ''), coalesce(md5(pattern::text), '')) where removed_at is null;
create index entitlements_patterns on entitlements (connection_id) where removed_at is null and pattern is not null;
create index entitlements_connection on entitlements (connection_id) where removed_at is null;

create table assignments (
  id bigint generated always as identity primary key,
  connection_id uuid not null references connections,
  principal_id uuid not null references principals,
  entitlement_id uuid not null references entitlements,
  grantable boolean not null default false,
  granted_by text,
  valid_until timestamptz,
  first_seen_at timestamptz not null,
  removed_at timestamptz
);
create unique index assignments_live on assignments (principal_id, entitlement_id) where removed_at is null;
create index assignments_of_entitlement on assignments (entitlement_id, principal_id) where removed_at is null;
create index assignments_connection on assignments (connection_id) where removed_at is null;
create index assignments_history_principal on assignments (principal_id, first_seen_at);
create index assignments_history_entitlement on assignments (entitlement_id, first_seen_at);

create table credentials (
  id uuid primary key default uuid7(),
  connection_id uuid not null references connections,
  principal_id uuid not null references principals,
  kind text not null check (kind in ('password', 'access_key', 'personal_access_token', 'ssh_key', 'client_secret', 'certificate', 'oidc_trust', 'api_key', 'other')),
  external_id text not null,
  name text not null,
  status text not null default 'active' check (status in ('active', 'disabled', 'expired')),
  source_created_at timestamptz,
  expires_at timestamptz,
  attributes jsonb not null default '{}',
  content_hash text not null,
  first_seen_at timestamptz not null,
  removed_at timestamptz,
  last_use_state text not null default 'unknown' check (last_use_state in ('used', 'not_used', 'unknown')),
  last_used_at timestamptz,
  last_used_from text,
  not_used_since timestamptz,
  last_use_because text,
  search text not null default ''
);
create unique index credentials_live on credentials (connection_id, principal_id, kind, external_id) where removed_at is null;
create index credentials_principal on credentials (principal_id) where removed_at is null;
create index credentials_created on credentials (source_created_at, id) where removed_at is null;
create index credentials_expires on credentials (expires_at, id) where removed_at is null;
create index credentials_last_used on credentials (last_used_at desc nulls last, id) where removed_at is null;
create index credentials_name on credentials (lower(name), id) where removed_at is null;
create index credentials_search on credentials using gin (search gin_trgm_ops);
create index credentials_search_prefix on credentials (search text_pattern_ops);

-- Who is in a group, at any depth, through groups only: (group, group) pairs, each group in itself at depth 0.
-- inherits = false: only by first becoming another principal. Derived; maintainClosure rebuilds any part of it.
create table group_closure (
  connection_id uuid not null references connections,
  descendant_id uuid not null references principals,
  ancestor_id uuid not null references principals,
  inherits boolean not null,
  depth smallint not null,
  primary key (descendant_id, ancestor_id)
);
create index group_closure_ancestor on group_closure (ancestor_id, descendant_id);
create index group_closure_connection on group_closure (connection_id);

create table match_rules (
  id uuid primary key default uuid7(),
  name text not null unique,
  connection_id uuid references connections,
  field text not null check (field in ('name', 'external_id', 'email', 'display_name')),
  pattern text not null,
  template text not null,
  target text not null check (target in ('email', 'employee_number', 'name')),
  confidence real not null check (confidence > 0 and confidence <= 1),
  position integer not null,
  created_by text not null,
  created_at timestamptz not null default now()
);

-- What was used when: one row a day, so that a year fits and a calendar can be drawn.
create table usage_days (
  id bigint generated always as identity primary key,
  connection_id uuid not null references connections,
  principal_id uuid not null references principals,
  credential_id uuid references credentials,
  resource_id uuid references resources,
  permission text not null default '',
  day date not null,
  uses bigint not null,
  last_at timestamptz not null,
  last_from text
);
create unique index usage_days_one on usage_days (principal_id, day, permission, coalesce(credential_id, '00000000-0000-0000-0000-000000000000'), coalesce(resource_id, '00000000-0000-0000-0000-000000000000'));
create index usage_days_resource on usage_days (resource_id, principal_id, day) where resource_id is not null;

create table saved_views (
  id uuid primary key default uuid7(),
  user_id uuid references users on delete cascade,
  page text not null,
  name text not null,
  query text not null,
  position integer not null default 0,
  created_at timestamptz not null default now()
);
create unique index saved_views_name on saved_views (page, coalesce(user_id, '00000000-0000-0000-0000-000000000000'), lower(name));

-- Kept counters for the overview, and one row a day of each for the charts. A test compares them with a count.
create table inventory_counters (
  key text primary key,
  value bigint not null,
  updated_at timestamptz not null default now()
);
create table inventory_history (
  day date not null,
  key text not null,
  value bigint not null,
  primary key (day, key)
);

-- Where a sync puts what it reads until it knows that it read all of it. Unlogged: a crash throws it away, and the
-- sync begins again.
create unlogged table staged_principals (
  run_id uuid not null, type text not null, external_id text not null, name text not null, display_name text, email text,
  employee_number text, manager_external_id text, kind_hint text, kind_hint_reason text, status text not null,
  valid_until timestamptz, source_created_at timestamptz, attributes jsonb not null, content_hash text not null,
  last_used_at timestamptz, last_used_from text, search text not null
);
create unlogged table staged_memberships (
  run_id uuid not null, member_external_id text not null, group_external_id text not null, inherits boolean not null,
  switches boolean not null, administers boolean not null, implicit boolean not null
);
create unlogged table staged_resources (
  run_id uuid not null, type text not null, external_id text not null, name text not null, parent_type text,
  parent_external_id text, attributes jsonb not null, content_hash text not null, search text not null
);
create unlogged table staged_assignments (
  run_id uuid not null, holder_external_id text not null, resource_type text not null, resource_external_id text not null,
  permission text not null, condition text, pattern jsonb, privilege smallint not null, grantable boolean not null,
  granted_by text, valid_until timestamptz
);
create unlogged table staged_credentials (
  run_id uuid not null, account_external_id text not null, kind text not null, external_id text not null, name text not null,
  status text not null, source_created_at timestamptz, expires_at timestamptz, attributes jsonb not null,
  content_hash text not null, last_used_at timestamptz, last_used_from text, search text not null
);
create index staged_principals_run on staged_principals (run_id, external_id);
create index staged_memberships_run on staged_memberships (run_id);
create index staged_resources_run on staged_resources (run_id);
create index staged_assignments_run on staged_assignments (run_id);
create index staged_credentials_run on staged_credentials (run_id);

alter table users add constraint users_identity foreign key (identity_id) references identities;
create index users_identity on users (identity_id);
alter table connections add constraint connections_owner foreign key (owner_id) references identities;
