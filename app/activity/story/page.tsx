import type { Metadata, Route } from "next";
import Link from "next/link";
import { numberWords } from "@/components/count";
import { EmptyState } from "@/components/empty-state";
import { Isolated } from "@/components/isolated";
import { Name } from "@/components/name";
import { PageHeader } from "@/components/page-header";
import { RefusalNote } from "@/components/refusal-note";
import { Time } from "@/components/time";
import { detailsInBrief, targetWords } from "@/lib/audit/labels";
import type { EventItem } from "@/lib/audit/schema";
import { getStory, storyInput } from "@/lib/audit/story";
import { may } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { attempt } from "../../attempt";
import { ActorIcon, actorWords } from "../actor-icon";
import { Outcome } from "../outcome";
import { hrefOf } from "../search";
import { targetHref } from "../target-link";
import css from "./story.module.css";

export const metadata: Metadata = { title: "Story" };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

/** All that the record tells of one thing, from its beginning; each line leads to its event and its proof. */
export default async function StoryPage({ searchParams }: Props) {
  const actor = await requireActor();
  const { of } = await searchParams;
  const [type = "", ...rest] = String(of ?? "").split(":");
  const asked = storyInput.safeParse({ type, id: rest.join(":") });
  if (!asked.success) return <Empty />;
  const read = await attempt(() => getStory(actor, asked.data));
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const { name, events, more } = read.value;
  if (events.length === 0) return <Empty />;
  const page = targetHref({ ...asked.data });
  return (
    <>
      <PageHeader
        breadcrumb={[{ label: "Activity", href: "/activity" }]}
        title={name ?? targetWords(type)}
        aside={`the story of this ${targetWords(type)}`}
        actions={
          <>
            {type === "identity" && may(actor, "record:erase") ? (
              <Link href={`/activity/erase?of=${asked.data.id}` as Route}>Erase what the record holds of them…</Link>
            ) : null}
            {page ? <Link href={page}>Open it</Link> : null}
          </>
        }
      />
      <ol className={css.story}>
        {events.map((event) => (
          <Line key={event.id} event={event} self={asked.data} />
        ))}
      </ol>
      {more ? (
        <p className={css.more}>The story goes on: the first {numberWords(events.length)} events are shown.</p>
      ) : null}
    </>
  );
}

function Line({ event, self }: { event: EventItem; self: { type: string; id: string } }) {
  const { target } = event;
  const isOther = target && !(target.type === self.type && target.id === self.id);
  const href = isOther ? targetHref(target) : null;
  const words = target?.name ?? (target ? targetWords(target.type) : "");
  const brief = detailsInBrief(event.details);
  return (
    <li className={css.line} data-outcome={event.outcome}>
      <Link href={hrefOf({}, { event: event.id })} className={css.when} prefetch={false}>
        <Time at={event.at} as="full" />
      </Link>
      <div className={css.what}>
        <span className={css.who}>
          <ActorIcon type={event.actor.type} />
          <Name value={actorWords(event.actor)} />
        </span>{" "}
        <span className="mono">{event.action}</span> <Outcome value={event.outcome} />
        {isOther ? (
          <>
            {" "}
            {href ? (
              <Link href={href}>
                <Isolated value={words} />
              </Link>
            ) : (
              <Isolated value={words} />
            )}
          </>
        ) : null}
        {brief ? (
          <p className="dimmed">
            <Isolated value={brief} />
          </p>
        ) : null}
      </div>
      <span className={css.number}>{event.number === null ? "" : numberWords(event.number)}</span>
    </li>
  );
}

function Empty() {
  return (
    <>
      <PageHeader breadcrumb={[{ label: "Activity", href: "/activity" }]} title="Story" />
      <EmptyState title="The record tells nothing of this" actions={<Link href="/activity">All activity</Link>}>
        A story is of one request, grant, identity or other thing: open an event in Activity and follow it from there.
      </EmptyState>
    </>
  );
}
