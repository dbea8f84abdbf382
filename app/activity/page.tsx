import type { Metadata } from "next";
import { LinkButton } from "@/components/link-button";
import { FilterBar } from "@/components/list/filter-bar";
import { ListProvider, type Options } from "@/components/list/list-context";
import { PageHeader } from "@/components/page-header";
import { RefusalNote } from "@/components/refusal-note";
import { listDestinations } from "@/lib/audit/destination-queries";
import { getCheckpoint, getProof } from "@/lib/audit/proofs";
import { getEvent, getRecordState, listEventFilters, listEvents } from "@/lib/audit/queries";
import { may } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { parseState } from "@/lib/lists/schema";
import { attempt } from "../attempt";
import css from "./activity.module.css";
import { eventList } from "./event-list";
import { EventPanel } from "./event-panel";
import { EventTable } from "./event-table";
import { RecordStrip } from "./record-strip";
import { filtersOf, type Search, searchOf } from "./search";

export const metadata: Metadata = { title: "Activity" };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function ActivityPage({ searchParams }: Props) {
  const actor = await requireActor();
  const params = await searchParams;
  const search = searchOf(params);
  const read = await attempt(() =>
    Promise.all([
      listEvents(actor, filtersOf(search)),
      listEventFilters(actor),
      getRecordState(actor),
      listDestinations(actor),
    ]),
  );
  if (!read.ok) return <Refused refusal={read.refusal} />;
  const [page, offered, state, destinations] = read.value;
  const chosen = search.event;
  const event = chosen ? await attempt(() => getEvent(actor, { id: chosen })) : null;
  const proof =
    event?.ok && event.value.number ? await attempt(() => getProof(actor, { event: event.value.id })) : null;
  const checkpoint = proof?.ok ? await attempt(() => getCheckpoint(actor)) : null;
  const list = eventList(search);
  const narrowed = parseState(list, params);
  return (
    <>
      <PageHeader
        title="Activity"
        actions={
          <>
            {may(actor, "record:erase") ? (
              <LinkButton href="/activity/erase" variant="default">
                Erase somebody's data…
              </LinkButton>
            ) : null}
            <LinkButton href="/destinations" variant="default">
              Where it is kept
            </LinkButton>
          </>
        }
      />
      <div className={css.page}>
        <RecordStrip state={state} destinations={destinations} search={search} />
        <ListProvider list={list} state={narrowed.state} options={optionsOf(offered)} keep={{ event: chosen }}>
          <FilterBar placeholder="Anyone, anything, event number" problems={narrowed.problems} />
        </ListProvider>
        <div className={css.split} data-open={event !== null}>
          <EventTable key={keyOf(search)} page={page} search={search} signed={state.signed} />
          {event?.ok ? (
            <EventPanel
              event={event.value}
              search={search}
              proof={proof}
              keys={checkpoint?.ok ? checkpoint.value.keys.map((key) => key.verifierKey) : []}
            />
          ) : null}
        </div>
      </div>
    </>
  );
}

function optionsOf(offered: Awaited<ReturnType<typeof listEventFilters>>): Options {
  return {
    action: offered.actions.map((value) => ({ value, label: value })),
    who: offered.actors.map(({ id, name, type }) => ({
      value: id,
      label: type === "system" ? `Rollcall, ${name}` : name,
    })),
  };
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
