-- The closure is derived, written by one function only, in bulk: three foreign keys would be checked for each of up to
-- millions of rows, and cost more than finding the rows. A test compares the closure with the memberships instead.
alter table group_closure drop constraint group_closure_connection_id_fkey;
alter table group_closure drop constraint group_closure_descendant_id_fkey;
alter table group_closure drop constraint group_closure_ancestor_id_fkey;
