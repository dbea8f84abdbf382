import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { readIn, rows, type Tx, transaction } from "../db/client";
import { AppError } from "../errors";
import { type EraseInput, eraseInput, type TracesInput, tracesInput } from "./erase-schema";
import { digestOfPart, type EventPart, eventParts, type LoggedEvent, loggedEventColumns, valuesOf } from "./leaf";
import { record } from "./record";

const batchSize = 500;

/** What erasing would take: of how many events, and how many of their parts of each kind. */
export type ErasurePreview = { events: number; parts: Record<EventPart, number> };

/** What `eraseFromRecord` would take, which changes nothing. @throws AppError `invalid`, `forbidden` */
export async function previewErasure(actor: Actor, input: TracesInput): Promise<ErasurePreview> {
  await authorize(actor, "record:erase", { type: "record" });
  const traces = understood(tracesInput.parse(input));
  const preview: ErasurePreview = { events: 0, parts: { who: 0, target: 0, content: 0 } };
  for await (const found of batchesOf(traces))
    for (const event of found) {
      const parts = partsConcerned(event, traces);
      if (parts.length > 0) preview.events++;
      for (const part of parts) preview.parts[part]++;
    }
  return preview;
}

/**
 * Takes what the record holds of somebody out of it, for ever: the values go, the digests in the leaves stay, and so
 * every proof and checkpoint holds. What was done, when, to which id and with which outcome remains. That something was
 * erased is an event, without what it was; its own content cannot be erased.
 * @throws AppError `invalid`, `forbidden`
 */
export async function eraseFromRecord(actor: Actor, input: EraseInput): Promise<{ events: number; parts: number }> {
  await authorize(actor, "record:erase", { type: "record" });
  const wanted = understood(eraseInput.parse(input));
  const total = { events: 0, parts: 0 };
  for await (const found of batchesOf(wanted)) {
    const erased = await transaction((tx) => eraseBatch(tx, actor, found, wanted));
    total.events += erased.events;
    total.parts += erased.parts;
  }
  return total;
}

type Traces = { ids: string[]; texts: string[] };
type Wanted = Traces & { reason: string };

function understood<T extends Traces>(traces: T): T {
  if (traces.ids.length + traces.texts.length > 0) return traces;
  throw new AppError("invalid", "Say whose traces: an id or a text.", { field: "ids" });
}

async function* batchesOf(traces: Traces): AsyncGenerator<LoggedEvent[]> {
  for (let after = "00000000-0000-0000-0000-000000000000"; ; ) {
    const found = await findTraces(traces, after);
    const last = found.at(-1);
    if (!last) return;
    after = last.id;
    yield found;
  }
}

function findTraces({ ids, texts }: Traces, after: string): Promise<LoggedEvent[]> {
  const like = texts.map((text) => `%${text.replace(/[\\%_]/g, "\\$&")}%`);
  return rows<LoggedEvent>(
    `select ${loggedEventColumns} from audit_events e
     where e.id > $3 and e.action <> 'record.erased' and (e.actor_id = any($1) or e.target_id = any($1)
       or e.actor->>'identityId' = any($1) or e.on_behalf_of->>'id' = any($1)
       or concat_ws(' ', e.actor_name, e.target_name, e.actor::text, e.on_behalf_of::text, e.why::text, e.details::text) ilike any($2))
     order by e.id limit ${batchSize}`,
    [ids, like, after],
  );
}

async function eraseBatch(
  tx: Tx,
  actor: Actor,
  found: LoggedEvent[],
  wanted: Wanted,
): Promise<{ events: number; parts: number }> {
  await tx.$executeRaw`select 1 from audit_events where id = any(${found.map(({ id }) => id)}::uuid[]) for update`;
  const concerned = found.flatMap((event) => {
    const parts = partsConcerned(event, wanted);
    return parts.length > 0 ? [{ event, parts }] : [];
  });
  if (concerned.length === 0) return { events: 0, parts: 0 };
  const digests = (part: EventPart) =>
    concerned.map(({ event, parts }) => (parts.includes(part) ? digestOfPart(event, part) : null));
  await readIn(tx)(eraseSql, [concerned.map(({ event }) => event.id), ...eventParts.map(digests)]);
  const parts = concerned.reduce((sum, one) => sum + one.parts.length, 0);
  await record(tx, actor, {
    action: "record.erased",
    target: { type: "record" },
    details: { ids: wanted.ids, reason: wanted.reason, events: concerned.length, parts },
  });
  return { events: concerned.length, parts };
}

// What is told of somebody in an event that they did, or that was done to them, goes with them.
function partsConcerned(event: LoggedEvent, { ids, texts }: Traces): EventPart[] {
  const values = valuesOf(event);
  const lower = texts.map((text) => text.toLowerCase());
  const isNamed = (value: unknown) =>
    lower.some((text) => JSON.stringify(value).toLowerCase().includes(JSON.stringify(text).slice(1, -1)));
  const idOf = (value: unknown, name: string) => String((value as Record<string, unknown> | null)?.[name]);
  const isWho = [event.actorId ?? "", idOf(event.actor, "identityId"), idOf(event.onBehalfOf, "id")].some((id) =>
    ids.includes(id),
  );
  const isTarget = ids.includes(event.targetId ?? "");
  const concerned = {
    who: isWho || isNamed(values.who),
    target: event.targetName !== null && (isTarget || isNamed(values.target)),
    content: (event.why !== null || event.details !== null) && (isWho || isTarget || isNamed(values.content)),
  };
  return eventParts.filter((part) => concerned[part] && values[part] !== null);
}

const zeros = "'\\x00000000000000000000000000000000'::bytea";
const eraseSql = `update audit_events e set
    actor_name = case when d.who is null then e.actor_name else '[erased]' end,
    actor = case when d.who is null then e.actor else '{}' end,
    on_behalf_of = case when d.who is null then e.on_behalf_of end,
    target_name = case when d.target is null then e.target_name end,
    why = case when d.content is null then e.why end,
    details = case when d.content is null then e.details end,
    salts = case when d.who is null then substr(e.salts, 1, 16) else ${zeros} end
      || case when d.target is null then substr(e.salts, 17, 16) else ${zeros} end
      || case when d.content is null then substr(e.salts, 33, 16) else ${zeros} end,
    erased = coalesce(e.erased, '{}') || jsonb_strip_nulls(jsonb_build_object('who', d.who, 'target', d.target, 'content', d.content))
  from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) d (id, who, target, content) where e.id = d.id`;
