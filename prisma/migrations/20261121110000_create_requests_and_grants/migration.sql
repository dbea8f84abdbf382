-- What may happen: the policies as they were loaded, every version kept, because decisions name them.
create table policy_sets (
  version integer generated always as identity primary key,
  digest text not null,
  source text not null check (source in ('default', 'folder')),
  files jsonb not null,
  loaded_at timestamptz not null default now(),
  loaded_by text not null
);

-- Asking. A request is about one subject and several things; each step of its approval is a snapshot of the rule.
create table requests (
  id uuid primary key default uuid7(),
  number bigint not null generated always as identity unique,
  requester_id uuid not null references identities,
  requester_user_id uuid references users on delete set null,
  subject_id uuid not null references identities,
  give text not null check (give in ('assignment', 'credential')),
  reason text not null,
  ticket text,
  duration_seconds integer not null check (duration_seconds > 0),
  starts_at timestamptz,
  state text not null check (state in ('pending', 'approved', 'fulfilled', 'denied', 'cancelled', 'expired', 'withdrawn', 'failed')),
  because text,
  break_glass boolean not null default false,
  extends_grant_id uuid,
  policy_version integer not null references policy_sets,
  policies text[] not null default '{}',
  -- The facts at submission that deciders and auditors see: conflicts, what was held already, what it opens.
  facts jsonb not null default '{}',
  awaits_answer boolean not null default false,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  decided_at timestamptz,
  closed_at timestamptz
);
create index requests_of_requester on requests (requester_id, id);
create index requests_of_subject on requests (subject_id, id);
create index requests_pending on requests (expires_at) where state = 'pending';
create index requests_live on requests (id) where state in ('pending', 'approved');

create table request_items (
  id uuid primary key default uuid7(),
  request_id uuid not null references requests on delete cascade,
  position smallint not null,
  connection_id uuid not null references connections,
  account_id uuid references principals,
  group_id uuid references principals,
  entitlement_id uuid references entitlements,
  permission text not null,
  resource_type text not null,
  resource_external_id text not null,
  resource_name text not null,
  privilege smallint not null,
  dropped_at timestamptz,
  dropped_by uuid references identities,
  unique (request_id, position),
  check (num_nonnulls(group_id, entitlement_id) = 1)
);
create index request_items_of_group on request_items (group_id) where group_id is not null;
create index request_items_of_entitlement on request_items (entitlement_id) where entitlement_id is not null;

create table request_steps (
  id uuid primary key default uuid7(),
  request_id uuid not null references requests on delete cascade,
  position smallint not null,
  name text not null,
  rule jsonb not null,
  needed smallint not null check (needed > 0),
  state text not null check (state in ('waiting', 'open', 'approved', 'denied', 'closed')),
  opened_at timestamptz,
  due_at timestamptz,
  reminded_at timestamptz,
  escalations smallint not null default 0,
  decided_at timestamptz
);
create index request_steps_of_request on request_steps (request_id, position);
create index request_steps_due on request_steps (due_at) where state = 'open';

-- Who may decide an open step, found anew whenever the world changes. `open`: it waits for this person now.
create table request_approvers (
  step_id uuid not null references request_steps on delete cascade,
  identity_id uuid not null references identities,
  request_id uuid not null references requests on delete cascade,
  because text not null,
  -- Whose place a delegate takes.
  on_behalf_of uuid references identities,
  open boolean not null,
  since timestamptz not null,
  primary key (step_id, identity_id)
);
create index request_approvers_inbox on request_approvers (identity_id, request_id, step_id) where open;
create index request_approvers_of_request on request_approvers (request_id);

create table decisions (
  id uuid primary key default uuid7(),
  request_id uuid not null references requests on delete cascade,
  step_id uuid not null references request_steps on delete cascade,
  identity_id uuid not null references identities,
  user_id uuid references users on delete set null,
  on_behalf_of uuid references identities,
  decision text not null check (decision in ('approve', 'deny', 'ask')),
  comment text not null default '',
  duration_seconds integer,
  dropped_items uuid[] not null default '{}',
  -- What the decider was shown, and the SHA-256 of it over canonical JSON.
  facts jsonb not null,
  facts_digest text not null,
  stepped_up_with text,
  at timestamptz not null
);
create index decisions_of_request on decisions (request_id, at);
create index decisions_of_identity on decisions (identity_id, at);
-- A person counts once.
create unique index decisions_once on decisions (step_id, identity_id) where decision in ('approve', 'deny');

create table request_notes (
  id uuid primary key default uuid7(),
  request_id uuid not null references requests on delete cascade,
  identity_id uuid not null references identities,
  text text not null,
  at timestamptz not null
);
create index request_notes_of_request on request_notes (request_id, at);

create table delegations (
  id uuid primary key default uuid7(),
  from_id uuid not null references identities,
  to_id uuid not null references identities,
  starts_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > starts_at),
  reason text not null default '',
  created_by text not null,
  ended_at timestamptz,
  check (from_id <> to_id)
);
create index delegations_from on delegations (from_id, ends_at) where ended_at is null;
create index delegations_to on delegations (to_id, ends_at) where ended_at is null;

-- Holding.
create table grants (
  id uuid primary key default uuid7(),
  request_id uuid references requests,
  request_item_id uuid references request_items,
  subject_id uuid not null references identities,
  connection_id uuid not null references connections,
  -- The account that holds it: the subject's own, or the short-lived one once it is made.
  account_id uuid references principals,
  give text not null check (give in ('assignment', 'credential')),
  group_id uuid references principals,
  entitlement_id uuid references entitlements,
  permission text not null,
  resource_type text not null,
  resource_external_id text not null,
  resource_name text not null,
  privilege smallint not null,
  break_glass boolean not null default false,
  state text not null check (state in ('scheduled', 'activating', 'active', 'ending', 'ended', 'activation_failed', 'ending_failed', 'resurrected')),
  ended_because text check (ended_because in ('expired', 'revoked', 'subject_left', 'eligibility_lost', 'never_active')),
  ended_words text,
  duration_seconds integer not null,
  created_at timestamptz not null,
  starts_at timestamptz not null,
  activated_at timestamptz,
  ends_at timestamptz,
  end_ordered_at timestamptz,
  ended_at timestamptz,
  -- Of a short-lived account: its name there, and when its secret was handed out.
  issued_name text unique,
  delivered_at timestamptz,
  -- What is not as ordered: taken away or changed by hand at the target.
  drift text check (drift in ('taken_away', 'came_back')),
  drift_seen_at timestamptz,
  warned_at timestamptz,
  -- Of a short-lived account: which worker has it now.
  claim uuid,
  claimed_at timestamptz,
  attempts integer not null default 0,
  next_try_at timestamptz,
  last_error jsonb,
  policy_version integer not null references policy_sets,
  check (num_nonnulls(group_id, entitlement_id) = 1)
);
create index grants_of_subject on grants (subject_id, id);
create index grants_of_request on grants (request_id);
create index grants_live on grants (state, ends_at) where state not in ('ended');
create index grants_due on grants (ends_at) where state in ('active', 'activation_failed', 'activating');
create index grants_scheduled on grants (starts_at) where state = 'scheduled';
create index grants_of_connection on grants (connection_id, state);
create index grants_ended on grants (ended_at) where ended_at is not null;

-- The receipt: what was ordered, done, read back, and when.
create table grant_steps (
  id bigint generated always as identity primary key,
  grant_id uuid not null references grants on delete cascade,
  step text not null,
  at timestamptz not null,
  detail text not null
);
create index grant_steps_of_grant on grant_steps (grant_id, id);

-- Why an assignment or membership may stand. The edge is named by its ends, so that it may come before it is observed.
create table justifications (
  id uuid primary key default uuid7(),
  connection_id uuid not null references connections,
  account_id uuid not null references principals,
  group_id uuid references principals,
  entitlement_id uuid references entitlements,
  type text not null check (type in ('grant', 'baseline', 'review', 'break_glass')),
  grant_id uuid references grants,
  since timestamptz not null,
  until timestamptz,
  ended_at timestamptz,
  check (num_nonnulls(group_id, entitlement_id) = 1)
);
create index justifications_of_membership on justifications (account_id, group_id) where group_id is not null and ended_at is null;
create index justifications_of_entitlement on justifications (account_id, entitlement_id) where entitlement_id is not null and ended_at is null;
create index justifications_of_grant on justifications (grant_id) where grant_id is not null;

-- One edge at a target that Rollcall gives and takes: what is wanted follows from its justifications.
create table managed_accesses (
  id uuid primary key default uuid7(),
  connection_id uuid not null references connections,
  account_id uuid not null references principals,
  group_id uuid references principals,
  entitlement_id uuid references entitlements,
  state text not null check (state in ('absent', 'held')),
  -- It was held before Rollcall first gave it, so that it is not Rollcall's to take.
  found_standing boolean not null default false,
  -- Set before the first change at the target, after it was looked at: what is there from then on is ours.
  intended_at timestamptz,
  claim uuid,
  claimed_at timestamptz,
  attempts integer not null default 0,
  next_try_at timestamptz,
  last_error jsonb,
  checked_at timestamptz,
  check (num_nonnulls(group_id, entitlement_id) = 1)
);
create unique index managed_accesses_membership on managed_accesses (account_id, group_id) where group_id is not null;
create unique index managed_accesses_entitlement on managed_accesses (account_id, entitlement_id) where entitlement_id is not null;
create index managed_accesses_connection on managed_accesses (connection_id);

-- What is owed after a break-glass.
create table break_glass_reviews (
  id uuid primary key default uuid7(),
  grant_request_id uuid not null unique references requests,
  subject_id uuid not null references identities,
  due_at timestamptz not null,
  needed smallint not null,
  closed_at timestamptz,
  outcome text check (outcome in ('justified', 'not_justified'))
);
create index break_glass_reviews_owed on break_glass_reviews (subject_id) where closed_at is null;
create table break_glass_opinions (
  review_id uuid not null references break_glass_reviews on delete cascade,
  identity_id uuid not null references identities,
  opinion text not null check (opinion in ('justified', 'not_justified')),
  comment text not null,
  at timestamptz not null,
  primary key (review_id, identity_id)
);

-- A proof of presence, bound to one decision: the passkey's challenge carries what it is for.
alter table challenges add column bound_to text;

-- What a person does by hand in a system that no connector changes, with evidence.
create table hand_tasks (
  id uuid primary key default uuid7(),
  access_id uuid not null references managed_accesses,
  grant_id uuid not null references grants,
  connection_id uuid not null references connections,
  kind text not null check (kind in ('give', 'take')),
  assignee_id uuid references identities,
  asked_at timestamptz not null,
  done_at timestamptz,
  done_by uuid references identities,
  evidence text,
  cancelled_at timestamptz
);
create unique index hand_tasks_open on hand_tasks (access_id) where done_at is null and cancelled_at is null;
create index hand_tasks_assignee on hand_tasks (assignee_id, id) where done_at is null and cancelled_at is null;
create index hand_tasks_of_grant on hand_tasks (grant_id);
