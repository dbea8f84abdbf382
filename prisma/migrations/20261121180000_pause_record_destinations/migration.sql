-- Somebody may let a destination rest; it goes on where it was.
alter table audit_destinations add column paused_at timestamptz;
