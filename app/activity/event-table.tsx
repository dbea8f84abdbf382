"use client";

import { IconCircleDashed } from "@tabler/icons-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { numberWords } from "@/components/count";
import { EmptyState } from "@/components/empty-state";
import { Isolated } from "@/components/isolated";
import { Name } from "@/components/name";
import { useReaderFacts } from "@/components/reader";
import { Time } from "@/components/time";
import { dateWords, zoneName } from "@/components/time-words";
import { detailsInBrief, targetWords } from "@/lib/audit/labels";
import type { EventItem } from "@/lib/audit/schema";
import css from "./activity.module.css";
import { ActorIcon, actorWords } from "./actor-icon";
import { EventTime } from "./event-time";
import { Live } from "./live";
import { Outcome } from "./outcome";
import { hrefOf, type Search } from "./search";
import { useLiveEvents } from "./use-live-events";
import { useRowKeys } from "./use-row-keys";

type Props = {
  page: { items: EventItem[]; nextCursor: string | null; searchedTo: Date | null };
  search: Search;
  /** How many events the newest checkpoint covers. */
  signed: number;
};

/** The events, newest first; on the first page new ones appear above as they happen. */
export function EventTable({ page, search, signed }: Props) {
  const router = useRouter();
  const { zone, nowMs } = useReaderFacts();
  const live = useLiveEvents(page.items, search);
  const body = useRowKeys();
  const events = live.events;
  const dayOf = (event?: EventItem) => (event ? dateWords(event.at.getTime(), nowMs, zone) : null);
  return (
    <div className={css.list}>
      {search.cursor || search.to ? null : <Live state={live.state} rate={live.perSecond} toggle={live.toggle} />}
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">Time, {zoneName(nowMs, zone)}</th>
            <th scope="col">Who</th>
            <th scope="col">Action</th>
            <th scope="col">On what</th>
            <th scope="col">Outcome</th>
            <th scope="col" className="num">
              Event
            </th>
          </tr>
        </thead>
        <tbody ref={body}>
          {events.map((event, index) => (
            <Row
              key={event.id}
              event={event}
              search={search}
              signed={signed}
              isEdge={isSigned(event, signed) && index > 0 && !isSigned(events[index - 1], signed)}
              newDay={dayOf(events[index - 1]) !== dayOf(event)}
              open={(href) => router.push(href, { scroll: false })}
            />
          ))}
        </tbody>
      </table>
      {events.length === 0 ? <Nothing search={search} /> : null}
      <Paging page={page} search={search} />
    </div>
  );
}

function isSigned(event: EventItem | undefined, signed: number): boolean {
  return event !== undefined && event.number !== null && event.number <= signed;
}

function Row({
  event,
  search,
  signed,
  isEdge,
  newDay,
  open,
}: {
  event: EventItem;
  search: Search;
  signed: number;
  /** The newest one that is signed, below some that are not. */
  isEdge: boolean;
  newDay: boolean;
  open: (href: ReturnType<typeof hrefOf>) => void;
}) {
  const chosen = search.event === event.id;
  const href = hrefOf(search, { event: event.id });
  const brief = detailsInBrief(event.details);
  return (
    <tr
      className={css.row}
      data-chosen={chosen}
      data-edge={isEdge || undefined}
      aria-current={chosen || undefined}
      onClick={() => open(href)}
    >
      <td>
        <Link href={href} scroll={false} prefetch={false} className={css.time} onClick={(e) => e.stopPropagation()}>
          {newDay ? (
            <span className={css.day}>
              <Time at={event.at} as="date" />
            </span>
          ) : null}
          <EventTime at={event.at} />
        </Link>
      </td>
      <td>
        <span className={css.who}>
          <ActorIcon type={event.actor.type} />
          <Name value={actorWords(event.actor)} />
        </span>
      </td>
      <td className="mono">{event.action}</td>
      <td className={css.what}>
        {event.target ? <Isolated value={event.target.name ?? targetWords(event.target.type)} /> : null}
        {brief ? (
          <span className="dimmed">
            {event.target ? ", " : ""}
            <Isolated value={brief} />
          </span>
        ) : null}
      </td>
      <td>
        <Outcome value={event.outcome} />
      </td>
      <td className="num mono">
        <Place number={event.number} signed={signed} />
      </td>
    </tr>
  );
}

function Place({ number, signed }: { number: number | null; signed: number }) {
  if (number !== null && number <= signed) return numberWords(number);
  const why = number === null ? "waits for its number" : "not signed yet";
  return (
    <span className={css.waits} data-tip={number === null ? "Recorded; it waits for its number" : "Not signed yet"}>
      <IconCircleDashed size={14} stroke={1.7} aria-hidden />
      {number === null ? null : numberWords(number)}
      <span className="unseen">, {why}</span>
    </span>
  );
}

function Nothing({ search }: { search: Search }) {
  const filtered = Object.keys(search).some((name) => !["event", "cursor"].includes(name));
  if (!filtered)
    return <EmptyState title="Nothing has happened yet">What is done or tried here appears at once.</EmptyState>;
  return (
    <EmptyState title="No event matches these filters" actions={<Link href="/activity">Drop all filters</Link>}>
      A text is looked for in who acted, the action, and the name and id of what it was done to.
    </EmptyState>
  );
}

function Paging({ page, search }: Omit<Props, "signed">) {
  return (
    <nav className={css.paging} aria-label="Pages">
      {page.searchedTo ? (
        <span className="dimmed">
          Looked back to <Time at={page.searchedTo} as="full" />
        </span>
      ) : null}
      <span className={css.space} />
      {search.cursor ? <Link href={hrefOf(search, { cursor: undefined })}>Newest</Link> : null}
      {page.nextCursor ? <Link href={hrefOf(search, { cursor: page.nextCursor })}>Older</Link> : null}
    </nav>
  );
}
