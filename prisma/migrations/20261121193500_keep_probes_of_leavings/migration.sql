-- When an account of a leaver was last probed, and what became of the sign-in that must fail: refused, or not tried where
-- that could not be done safely.
alter table offboarding_steps
  add column probed_at timestamptz,
  add column sign_in text check (sign_in in ('refused', 'not_tried'));
