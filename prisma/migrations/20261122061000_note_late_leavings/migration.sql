-- When it was said that a run is later than wanted: of each of its two clocks once.
alter table offboardings
  add column if not exists contain_late_at timestamptz,
  add column if not exists complete_late_at timestamptz;
