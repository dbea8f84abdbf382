-- A foreign key is checked row by row, which is half of what it takes to write a million edges. The same is checked once
-- for all rows of a statement, and more: both ends are of the edge's own connection.
alter table memberships drop constraint memberships_connection_id_fkey;
alter table memberships drop constraint memberships_member_id_fkey;
alter table memberships drop constraint memberships_group_id_fkey;
alter table assignments drop constraint assignments_connection_id_fkey;
alter table assignments drop constraint assignments_principal_id_fkey;
alter table assignments drop constraint assignments_entitlement_id_fkey;

create function check_memberships() returns trigger language plpgsql as $$
declare stray record;
begin
  select w.id, w.member_id, w.group_id into stray from written w
  left join principals m on m.id = w.member_id and m.connection_id = w.connection_id
  left join principals g on g.id = w.group_id and g.connection_id = w.connection_id
  where m.id is null or g.id is null limit 1;
  if found then
    raise foreign_key_violation using message = format('membership of %s in %s: no such principal in its connection', stray.member_id, stray.group_id);
  end if;
  return null;
end $$;
create trigger memberships_written after insert on memberships
  referencing new table as written for each statement execute function check_memberships();

create function check_assignments() returns trigger language plpgsql as $$
declare stray record;
begin
  select w.id, w.principal_id, w.entitlement_id into stray from written w
  left join principals p on p.id = w.principal_id and p.connection_id = w.connection_id
  left join entitlements e on e.id = w.entitlement_id and e.connection_id = w.connection_id
  where p.id is null or e.id is null limit 1;
  if found then
    raise foreign_key_violation using message = format('assignment of %s to %s: no such principal or entitlement in its connection', stray.entitlement_id, stray.principal_id);
  end if;
  return null;
end $$;
create trigger assignments_written after insert on assignments
  referencing new table as written for each statement execute function check_assignments();

-- An edge is only ever ended, never moved.
create function refuse_moving() returns trigger language plpgsql as $$
begin
  raise exception 'an edge is ended and another begun; it is never moved';
end $$;
create trigger memberships_stay before update of connection_id, member_id, group_id on memberships
  for each row execute function refuse_moving();
create trigger assignments_stay before update of connection_id, principal_id, entitlement_id on assignments
  for each row execute function refuse_moving();

-- Nor is what an edge hangs on ever deleted while it is there.
create function keep_principal() returns trigger language plpgsql as $$
begin
  if exists (select from memberships where member_id = old.id) or exists (select from memberships where group_id = old.id)
    or exists (select from assignments where principal_id = old.id) then
    raise foreign_key_violation using message = format('principal %s has edges', old.id);
  end if;
  return old;
end $$;
create trigger principals_stay before delete on principals for each row execute function keep_principal();

create function keep_entitlement() returns trigger language plpgsql as $$
begin
  if exists (select from assignments where entitlement_id = old.id) then
    raise foreign_key_violation using message = format('entitlement %s is assigned', old.id);
  end if;
  return old;
end $$;
create trigger entitlements_stay before delete on entitlements for each row execute function keep_entitlement();
