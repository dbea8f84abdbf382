import type { Read } from "../db/client";
import type { Consumer } from "./schema";

type Row = Omit<Consumer, "lastAt" | "known"> & {
  lastAt: Date;
  id: string | null;
  name: string | null;
  answersId: string | null;
  answersName: string | null;
};

/** Who called with these accounts: each place by itself, as which account, when last and how often; the newest first. */
export async function findConsumers(read: Read, identityId: string): Promise<Consumer[]> {
  const found = await read<Row>(consumersSql, [identityId]);
  return found.map(({ id, name, answersId, answersName, lastAt, ...row }) => ({
    ...row,
    lastAt: lastAt.toISOString(),
    known:
      id === null || name === null
        ? null
        : { id, name, answers: answersId && answersName ? { id: answersId, name: answersName } : null },
  }));
}

// A place is somebody known here where exactly one identity, by its own name or that of an account, goes by it.
const consumersSql = `
  with called as (
    select p.name as account, c.name as connection, u.place, max(u.last_at) as last_at, sum(u.uses)::float as uses
    from principals p join connections c on c.id = p.connection_id join usage_places u on u.principal_id = p.id
    where p.identity_id = $1::uuid and p.type = 'account' and u.day > (clock_timestamp() - interval '400 days')::date
    group by 1, 2, 3 order by 4 desc limit 200)
  select w.account, w.connection, nullif(w.place, '') as "from", w.last_at as "lastAt", w.uses, k.id, k.name,
    a.id as "answersId", a.name as "answersName"
  from called w
  left join lateral (select (array_agg(x.id))[1] as id from (
      select i.id from identities i where lower(i.name) = lower(w.place) and i.removed_at is null
      union select p.identity_id from principals p where lower(p.name) = lower(w.place) and p.removed_at is null
        and p.type = 'account' and p.identity_id is not null) x
    where w.place <> '' and x.id <> $1::uuid having count(*) = 1) one on true
  left join identities k on k.id = one.id and k.removed_at is null
  left join identities a on a.id = case when k.kind = 'human' then k.id else k.owner_id end
    and a.kind = 'human' and a.left_at is null and a.removed_at is null
  order by w.last_at desc, w.place`;
