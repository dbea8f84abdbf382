-- When whoever took something over was told, and when somebody was reminded of what nobody has decided on.
alter table offboarding_items
  add column if not exists told_at timestamptz,
  add column if not exists reminded_at timestamptz;
-- What was handed over before this is no news.
update offboarding_items set told_at = decided_at where disposition = 'hand_over' and told_at is null and decided_at is not null;
