-- Unmanaged access is listed by when it was first seen, memberships and assignments as one: even numbers are the former's.
create index memberships_first_seen on memberships (first_seen_at, (id * 2)) where removed_at is null and not implicit;
create index assignments_first_seen on assignments (first_seen_at, (id * 2 + 1)) where removed_at is null;
