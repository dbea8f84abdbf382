-- Somebody who moves to another manager or team: a run of a kind of its own, which ends what they had before unless one of
-- the two managers says what stays.
alter table offboardings
  drop constraint offboardings_kind_check,
  add constraint offboardings_kind_check check (kind in ('person', 'machine', 'mover')),
  -- From whom and where to whom and where; null: no move.
  add column moved jsonb;

-- Whoever is moving can leave: the run of the move is undone then.
drop index offboardings_live;
create unique index offboardings_live on offboardings (identity_id) where state not in ('closed', 'cancelled') and kind <> 'mover';
create unique index offboardings_moving on offboardings (identity_id) where state not in ('closed', 'cancelled') and kind = 'mover';
create index offboardings_moved_from on offboardings ((moved ->> 'fromManagerId')) where moved is not null;

-- Where everybody stood when their identity source was last looked at: a move is seen by comparing.
create table placements (
  identity_id uuid primary key,
  manager_id uuid,
  department text,
  seen_at timestamptz not null
);
