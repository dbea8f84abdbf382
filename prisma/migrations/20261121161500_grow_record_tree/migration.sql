-- The record becomes a Merkle tree (RFC 6962) with signed checkpoints, and what it holds of people can be erased.

-- A leaf commits to a salted digest of each of three parts of an event (who, target, content), not to their values. The
-- salts are 16 random bytes for each part. Erasing a part takes its values and its salt away and keeps its digest here.
alter table audit_events
  add column salts bytea not null default (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())),
  add column erased jsonb;

create function refuse_change_of_event() returns trigger language plpgsql as $$
declare
  parts text[] := array['actor_name', 'actor', 'on_behalf_of', 'target_name', 'why', 'details', 'salts', 'erased'];
  none bytea := '\x00000000000000000000000000000000';
begin
  -- The one change there is: parts that become erased, and stay so. Everything else is as it was.
  if tg_op = 'UPDATE' and to_jsonb(old) - parts = to_jsonb(new) - parts
    and coalesce(new.erased, '{}') @> coalesce(old.erased, '{}')
    and (case when coalesce(new.erased, '{}') ? 'who'
      then new.actor_name = '[erased]' and new.actor = '{}' and new.on_behalf_of is null and substr(new.salts, 1, 16) = none
      else (new.actor_name, new.actor, new.on_behalf_of, substr(new.salts, 1, 16))
        is not distinct from (old.actor_name, old.actor, old.on_behalf_of, substr(old.salts, 1, 16)) end)
    and (case when coalesce(new.erased, '{}') ? 'target'
      then new.target_name is null and substr(new.salts, 17, 16) = none
      else (new.target_name, substr(new.salts, 17, 16)) is not distinct from (old.target_name, substr(old.salts, 17, 16)) end)
    and (case when coalesce(new.erased, '{}') ? 'content'
      then new.why is null and new.details is null and substr(new.salts, 33, 16) = none
      else (new.why, new.details, substr(new.salts, 33, 16)) is not distinct from (old.why, old.details, substr(old.salts, 33, 16)) end)
  then return new; end if;
  raise exception 'the record is append-only: % on % is refused', tg_op, tg_table_name using errcode = 'insufficient_privilege';
end $$;
drop trigger audit_events_append_only on audit_events;
create trigger audit_events_append_only before update or delete on audit_events
  for each row execute function refuse_change_of_event();

-- Roots of the perfect subtrees over 256, 65,536, 16,777,216 … leaves, so that a proof reads at most 255 hashes a level.
create table audit_subtrees (
  level smallint not null check (level > 0),
  place bigint not null check (place >= 0),
  hash bytea not null check (length(hash) = 32),
  primary key (level, place)
);

-- The log's keys. A retired one has no private part any more; its successor carries its endorsement, a signed note.
create table audit_keys (
  id uuid primary key default uuid7(),
  name text not null,
  public_key bytea not null check (length(public_key) = 32),
  private_key bytea,
  endorsement text,
  created_at timestamptz not null default now(),
  retired_at timestamptz,
  check ((retired_at is null) = (private_key is not null))
);
create unique index audit_keys_current on audit_keys ((true)) where retired_at is null;

create table audit_checkpoints (
  size bigint primary key check (size >= 0),
  root bytea not null check (length(root) = 32),
  note text not null,
  signed_at timestamptz not null
);

create trigger audit_subtrees_append_only before update or delete on audit_subtrees for each row execute function refuse_change();
create trigger audit_subtrees_no_truncate before truncate on audit_subtrees for each statement execute function refuse_change();
create trigger audit_checkpoints_append_only before update or delete on audit_checkpoints for each row execute function refuse_change();
create trigger audit_checkpoints_no_truncate before truncate on audit_checkpoints for each statement execute function refuse_change();
create trigger audit_keys_kept before delete on audit_keys for each row execute function refuse_change();
create trigger audit_keys_no_truncate before truncate on audit_keys for each statement execute function refuse_change();

-- Events that have a place already go through the sequencer again, which gives each the same place and a leaf of the new
-- form: nothing was signed before, so no promise is broken by it. Who is told of events by place goes on where it was.
alter table audit_intake add column place bigint;
create unique index audit_intake_place on audit_intake (place) where place is not null;
insert into settings (key, value)
  select 'messages.told', to_jsonb(max(position)) from audit_sequence having max(position) is not null on conflict do nothing;
insert into audit_intake (event_id, place) select event_id, position from audit_sequence;
alter table audit_sequence disable trigger user;
delete from audit_sequence;
alter table audit_sequence enable trigger user;
