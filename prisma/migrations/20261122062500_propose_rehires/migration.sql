-- An identity source shows somebody as active again who left: a person says whether they were hired again.
create table if not exists rehire_proposals (
  id uuid primary key default uuid7(),
  offboarding_id uuid not null references offboardings,
  connection_id uuid not null references connections,
  account_id uuid not null references principals,
  account text not null,
  -- From when on the source shows the account as active, and when that was proposed.
  since timestamptz not null,
  proposed_at timestamptz not null,
  state text not null default 'open' check (state in ('open', 'accepted', 'dismissed', 'withdrawn')),
  decided_at timestamptz,
  decided_by text,
  words text,
  check ((state = 'open') = (decided_at is null))
);
create unique index if not exists rehire_proposals_open on rehire_proposals (offboarding_id) where state = 'open';
-- What a person has answered is not asked again.
create unique index if not exists rehire_proposals_one on rehire_proposals (offboarding_id, account_id, since);
