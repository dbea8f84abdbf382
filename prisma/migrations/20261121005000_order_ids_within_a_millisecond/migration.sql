-- The twelve bits after the version hold the fraction of the millisecond (RFC 9562, section 6.2, method 3), so that ids
-- made one after another sort so, and a list by id reads in the order in which things came.
create or replace function uuid7() returns uuid language sql volatile parallel safe as $$
  select (lpad(to_hex(us / 1000), 12, '0') || '7' || lpad(to_hex((us % 1000) * 4096 / 1000), 3, '0')
    || substr(replace(gen_random_uuid()::text, '-', ''), 17))::uuid
  from (select (extract(epoch from clock_timestamp()) * 1000000)::bigint us) now
$$;
