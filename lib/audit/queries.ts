import { z } from "zod";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { rows } from "../db/client";
import { cursorOf, readCursor } from "../db/cursor";
import { AppError } from "../errors";
import { type ItemRow, itemColumns, itemOf } from "./event-rows";
import { type EventDetail, type EventItem, type ListEventsInput, listEventsInput, tailEventsInput } from "./schema";

/** How many events a text is looked for in at once; the cursor goes on from there. */
const textWindow = 20_000;

/** A page of events. `searchedTo` says how far back a text was looked for when the page ended early. */
export type EventPage = { items: EventItem[]; nextCursor: string | null; searchedTo: Date | null };

/**
 * Events of the record, newest first, by keyset. A text is looked for in a bounded stretch at a time, so that a rare
 * word costs no more than a common one; the page may then be short and still have a cursor.
 */
export async function listEvents(actor: Actor, input: ListEventsInput): Promise<EventPage> {
  await authorize(actor, "activity:read", { type: "record" });
  const filters = understood(input);
  const { where, values } = conditionsOf(filters);
  if (filters.q && /^[\d,. ]+$/.test(filters.q)) {
    where.push(`s.position = ${values.push(filters.q.replace(/\D/g, "").slice(0, 18) || "0")}`);
    return pageOf(await select(where, values, filters.limit + 1), filters.limit);
  }
  if (!filters.q) return pageOf(await select(where, values, filters.limit + 1), filters.limit);
  return findText(filters.q, where, values, filters.limit);
}

function understood(input: ListEventsInput): z.output<typeof listEventsInput> {
  const parsed = listEventsInput.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new AppError("invalid", issue?.message ?? "This is no question to the record.", {
    field: issue?.path.map(String).join("."),
  });
}

function conditionsOf(filters: z.output<typeof listEventsInput>): { where: string[]; values: Values } {
  const values = new Values();
  const where: string[] = ["true"];
  if (filters.who?.length) where.push(`e.actor_id = any(${values.push(filters.who)})`);
  if (filters.action?.length) where.push(`e.action = any(${values.push(filters.action)})`);
  if (filters.outcome?.length) where.push(`e.outcome = any(${values.push(filters.outcome)})`);
  if (filters.from) where.push(`e.at >= ${values.push(filters.from)}`);
  if (filters.to) where.push(`e.at < ${values.push(filters.to)}`);
  if (filters.target) {
    const colon = filters.target.indexOf(":");
    where.push(`e.target_type = ${values.push(filters.target.slice(0, colon))}`);
    where.push(`e.target_id = ${values.push(filters.target.slice(colon + 1))}`);
  }
  if (filters.cursor) {
    const [micros, id] = readCursor(filters.cursor, "at", place);
    const at = `timestamptz 'epoch' + ${values.push(micros)}::bigint * interval '1 microsecond'`;
    where.push(`(e.at, e.id) < (${at}, ${values.push(id)}::uuid)`);
  }
  return { where, values };
}

async function select(where: string[], values: Values, limit: number): Promise<ItemRow[]> {
  return rows<ItemRow>(
    `select ${itemColumns} from audit_events e left join audit_sequence s on s.event_id = e.id
     where ${where.join(" and ")} order by e.at desc, e.id desc limit ${limit}`,
    values.list,
  );
}

async function findText(q: string, where: string[], values: Values, limit: number): Promise<EventPage> {
  const ordered = `select e.* from audit_events e where ${where.join(" and ")} order by e.at desc, e.id desc`;
  const [edge] = await rows<{ micros: string; id: string; at: Date }>(
    `select e.at, e.id, (extract(epoch from e.at) * 1000000)::bigint as micros
     from (${ordered} offset ${textWindow - 1} limit 1) e`,
    values.list,
  );
  const text = values.push(`%${q.replace(/[\\%_]/g, "\\$&")}%`);
  const found = await rows<ItemRow>(
    `select ${itemColumns} from (${ordered} limit ${textWindow}) e left join audit_sequence s on s.event_id = e.id
     where concat_ws(' ', e.actor_name, e.action, e.target_name, e.target_id) ilike ${text}
     order by e.at desc, e.id desc limit ${limit + 1}`,
    values.list,
  );
  const page = pageOf(found, limit);
  if (page.nextCursor || !edge) return page;
  return { ...page, nextCursor: writeCursor(edge), searchedTo: edge.at };
}

function pageOf(found: ItemRow[], limit: number): EventPage {
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(itemOf),
    nextCursor: found.length > limit && last ? writeCursor(last) : null,
    searchedTo: null,
  };
}

/** One event with all that is kept of it. @throws AppError `not_found` */
export async function getEvent(actor: Actor, input: { id: string }): Promise<EventDetail> {
  await authorize(actor, "activity:read", { type: "event", id: input.id });
  const id = z.uuid().safeParse(input.id);
  const found = id.success
    ? await rows<
        ItemRow & { why: EventDetail["why"]; actor: EventDetail["actorFacts"] } & Record<string, string | null>
      >(
        `select ${itemColumns}, e.why, e.actor, e.before_digest, e.after_digest, e.request_id,
           encode(s.leaf_hash, 'hex') as leaf_hash
         from audit_events e left join audit_sequence s on s.event_id = e.id where e.id = $1`,
        [id.data],
      )
    : [];
  const row = found[0];
  if (!row) throw new AppError("not_found", "There is no such event in the record.");
  return {
    ...itemOf(row),
    why: row.why,
    actorFacts: row.actor,
    beforeDigest: row.before_digest ?? null,
    afterDigest: row.after_digest ?? null,
    requestId: row.request_id ?? null,
    leafHash: row.leaf_hash ?? null,
  };
}

/** What the record can be filtered by: the actions in it, and who acts most recently, at most 200 of each. */
export async function listEventFilters(
  actor: Actor,
): Promise<{ actions: string[]; actors: { id: string; name: string; type: string }[] }> {
  await authorize(actor, "activity:read", { type: "record" });
  // Each step is one look into the index, however many events there are.
  const actions = await rows<{ action: string }>(
    `with recursive step as (
       (select action from audit_events order by action limit 1)
       union all
       select (select e.action from audit_events e where e.action > step.action order by e.action limit 1)
       from step where step.action is not null)
     select action from step where action is not null limit 200`,
  );
  const actors = await rows<{ id: string; name: string; type: string }>(
    `select distinct on (actor_id) actor_id as id, actor_name as name, actor_type as type
     from (select actor_id, actor_name, actor_type, at from audit_events where actor_id is not null
           order by at desc, id desc limit 5000) e
     order by actor_id, at desc limit 200`,
  );
  return { actions: actions.map((row) => row.action), actors: actors.sort((a, b) => a.name.localeCompare(b.name)) };
}

/** What came since the event numbered `after`: newly numbered events in order, and those that still wait. */
export type EventTail = { numbered: EventItem[]; waiting: EventItem[]; last: number };

/** For following the record live. Numbers have no gaps and appear in order, so nothing can be missed or come twice. */
export async function tailEvents(actor: Actor, input: z.input<typeof tailEventsInput>): Promise<EventTail> {
  await authorize(actor, "activity:read", { type: "record" });
  const { after } = tailEventsInput.parse(input);
  const [head] = await rows<{ last: string }>("select coalesce(max(position), 0) as last from audit_sequence");
  const from = after ?? Number(head?.last ?? 0);
  const numbered = await rows<ItemRow>(
    `select ${itemColumns} from audit_sequence s join audit_events e on e.id = s.event_id
     where s.position > $1 order by s.position limit 200`,
    [from],
  );
  const waiting = await rows<ItemRow>(
    `select ${itemColumns.replace("s.position", "null as position")}
     from audit_intake i join audit_events e on e.id = i.event_id order by i.event_id desc limit 50`,
  );
  return {
    numbered: numbered.map(itemOf),
    waiting: waiting.map(itemOf),
    last: Number(numbered.at(-1)?.position ?? from),
  };
}

/** How much the record holds: how many events have a place and are signed, and how many wait for one. */
export type RecordState = { size: number; waiting: number; lastAt: Date | null; signed: number; signedAt: Date | null };

/** How far the record is. */
export async function getRecordState(actor: Actor): Promise<RecordState> {
  await authorize(actor, "activity:read", { type: "record" });
  const [state] = await rows<{
    size: string;
    waiting: string;
    last_at: Date | null;
    signed: string;
    signed_at: Date | null;
  }>(
    `select coalesce(max(position), 0) as size, (select count(*) from (select 1 from audit_intake limit 10001) w) as waiting,
       (select sequenced_at from audit_sequence order by position desc limit 1) as last_at,
       (select coalesce(max(size), 0) from audit_checkpoints) as signed,
       (select signed_at from audit_checkpoints order by size desc limit 1) as signed_at from audit_sequence`,
  );
  return {
    size: Number(state?.size ?? 0),
    waiting: Number(state?.waiting ?? 0),
    lastAt: state?.last_at ?? null,
    signed: Number(state?.signed ?? 0),
    signedAt: state?.signed_at ?? null,
  };
}

// To the microsecond, as the database keeps it: two events of one millisecond must not hide each other.
const place = z.tuple([z.string().regex(/^-?\d{1,18}$/), z.uuid()]);

function writeCursor(row: { micros: string; id: string }): string {
  return cursorOf("at", [row.micros, row.id]);
}

/** Values of a statement; `push` answers the placeholder. */
class Values {
  readonly list: unknown[] = [];
  push(value: unknown): string {
    return `$${this.list.push(value)}`;
  }
}
