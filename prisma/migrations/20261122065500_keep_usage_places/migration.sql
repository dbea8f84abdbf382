-- What was used a day from each place: a row of usage_days knows only the last of them.
create table if not exists usage_places (
  id bigint generated always as identity primary key,
  connection_id uuid not null references connections,
  principal_id uuid not null references principals,
  credential_id uuid references credentials,
  resource_id uuid references resources,
  permission text not null default '',
  day date not null,
  -- Empty where nothing told it.
  place text not null default '',
  uses bigint not null,
  last_at timestamptz not null
);
create unique index if not exists usage_places_one on usage_places (principal_id, day, permission, coalesce(credential_id, '00000000-0000-0000-0000-000000000000'), coalesce(resource_id, '00000000-0000-0000-0000-000000000000'), place);
insert into usage_places (connection_id, principal_id, credential_id, resource_id, permission, day, place, uses, last_at)
  select connection_id, principal_id, credential_id, resource_id, permission, day, coalesce(last_from, ''), uses, last_at from usage_days
  on conflict do nothing;
