import type { Metadata } from "next";
import { PageHeader } from "@/components/page-header";
import { RefusalNote } from "@/components/refusal-note";
import { getEvent, getRecordState, listEventFilters, listEvents } from "@/lib/audit/queries";
import { requireActor } from "@/lib/auth/current-actor";
import { attempt } from "../attempt";
import css from "./activity.module.css";
import { ActivityFilters } from "./activity-filters";
import { EventPanel } from "./event-panel";
import { EventTable } from "./event-table";
import { RecordStrip } from "./record-strip";
import { filtersOf, type Search, searchOf } from "./search";

export const metadata: Metadata = { title: "Activity" };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function ActivityPage({ searchParams }: Props) {
  const actor = await requireActor();
  const search = searchOf(await searchParams);
  const read = await attempt(() =>
    Promise.all([listEvents(actor, filtersOf(search)), listEventFilters(actor), getRecordState(actor)]),
  );
  if (!read.ok) return <Refused refusal={read.refusal} />;
  const [page, offered, state] = read.value;
  const chosen = search.event;
  const event = chosen ? await attempt(() => getEvent(actor, { id: chosen })) : null;
  return (
    <>
      <PageHeader title="Activity" />
      <div className={css.page}>
        <RecordStrip state={state} />
        <ActivityFilters search={search} offered={offered} />
        <div className={css.split} data-open={event !== null}>
          <EventTable key={keyOf(search)} page={page} search={search} />
          {event?.ok ? <EventPanel event={event.value} search={search} /> : null}
        </div>
      </div>
    </>
  );
}

// What arrives live belongs to one set of filters; another set begins anew.
function keyOf({ event: _, ...filters }: Search): string {
  return JSON.stringify(filters);
}

function Refused({ refusal }: { refusal: Parameters<typeof RefusalNote>[0]["refusal"] }) {
  return (
    <>
      <PageHeader title="Activity" />
      <div className={css.refused}>
        <RefusalNote refusal={refusal} />
      </div>
    </>
  );
}
