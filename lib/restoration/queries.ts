import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { rows } from "../db/client";
import { AppError } from "../errors";
import { doubtsShape, type RestorationItem, type RestoredEndingItem, restorationRef } from "./schema";

type Row = Omit<RestorationItem, "had" | "told"> & { had: string; told: string };

const columns = `r.id, r.noticed_at as "noticedAt", r.had, r.told, r.told_at as "toldAt", r.source, r.sessions_ended as "sessionsEnded",
  r.links_ended as "linksEnded", r.doubts, r.settled_at as "settledAt", r.seen_at as "seenAt", r.seen_by as "seenBy",
  (select coalesce(jsonb_object_agg(c.state, c.count), '{}') from (
    select state, count(*)::int from restored_endings e where e.restoration_id = r.id group by state) c) as endings`;

/** Each time that this database was found to be older than what is written outside it, the newest first. */
export async function listRestorations(actor: Actor): Promise<RestorationItem[]> {
  await authorize(actor, "activity:read", { type: "record" });
  return readRestorations();
}

/** The same for the installation itself: its metrics and its doctor. */
export async function readRestorations(): Promise<RestorationItem[]> {
  return (await rows<Row>(`select ${columns} from restorations r order by r.noticed_at desc limit 100`)).map(itemOf);
}

/** Those that nobody has looked at yet: what the overview says loudly. */
export async function listUnseenRestorations(actor: Actor): Promise<RestorationItem[]> {
  await authorize(actor, "activity:read", { type: "record" });
  const found = await rows<Row>(
    `select ${columns} from restorations r where seen_at is null order by r.noticed_at desc limit 100`,
  );
  return found.map(itemOf);
}

/** One of them, with what had been taken back since: first what needs somebody. @throws AppError `not_found`, `forbidden` */
export async function getRestoration(
  actor: Actor,
  input: { id: string },
): Promise<RestorationItem & { list: RestoredEndingItem[] }> {
  await authorize(actor, "activity:read", { type: "record" });
  const id = restorationRef.safeParse(input);
  const [found] = id.success
    ? await rows<Row>(`select ${columns} from restorations r where id = $1`, [id.data.id])
    : [];
  if (!found) throw new AppError("not_found", "There is no such restoration.", { field: "id" });
  return { ...itemOf(found), list: await listEndings(found.id) };
}

async function listEndings(id: string): Promise<RestoredEndingItem[]> {
  return rows<RestoredEndingItem>(
    `select e.event_id as "eventId", e.number::int, e.at, e.action, e.kind, e.thing_id as "thingId", e.state, e.detail, e.done_at as "doneAt",
       coalesce(g.permission || ' on ' || g.resource_name, i.name, u.name, u.email, t.name, c.name, h.name, d.name, 'R-' || q.number) as name
     from restored_endings e
     left join grants g on e.kind = 'grant' and g.id::text = e.thing_id
     left join identities i on e.kind = 'leaving' and i.id::text = e.thing_id
     left join users u on e.kind in ('person', 'roles') and u.id::text = e.thing_id
     left join api_tokens t on e.kind = 'token' and t.id::text = e.thing_id
     left join connections c on (e.kind = 'connection' or e.action like 'connection.%') and c.id::text = e.thing_id
     left join channels h on (e.kind = 'channel' or e.action like 'channel.%') and h.id::text = e.thing_id
     left join audit_destinations d on e.kind = 'destination' and d.id::text = e.thing_id
     left join requests q on e.kind = 'request' and q.id::text = e.thing_id
     where e.restoration_id = $1
     order by array_position(array['failed', 'waiting', 'by_hand', 'taken', 'unknown', 'already', 'overtaken'], e.state), e.place limit 1000`,
    [id],
  );
}

function itemOf(row: Row): RestorationItem {
  return { ...row, had: Number(row.had), told: Number(row.told), doubts: doubtsShape.parse(row.doubts) };
}
