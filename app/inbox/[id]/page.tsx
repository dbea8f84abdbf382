import { IconArrowLeft, IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import type { Metadata, Route } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import css from "@/components/access/access.module.css";
import { What } from "@/components/access/what";
import { Count } from "@/components/count";
import { Environment } from "@/components/environment";
import { Isolated } from "@/components/isolated";
import { Name } from "@/components/name";
import { Initials } from "@/components/owner";
import { Quote } from "@/components/quote";
import { RefusalNote } from "@/components/refusal-note";
import { Time } from "@/components/time";
import { requireActor } from "@/lib/auth/current-actor";
import { type DecisionView, getDecisionView } from "@/lib/requests/inbox-queries";
import { lengthWords } from "@/lib/requests/labels";
import { attempt } from "../../attempt";
import { Checks } from "./checks";
import { Decide } from "./decide";
import { Opens, Others } from "./opens";

export const metadata: Metadata = { title: "Decide" };

export default async function DecidePage({ params }: { params: Promise<{ id: string }> }) {
  const actor = await requireActor();
  const { id } = await params;
  const read = await attempt(() => getDecisionView(actor, id));
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const view = read.value;
  if (view.seat === null) redirect(`/requests/${id}`);
  return (
    <>
      <Place place={view.place} />
      <div className={css.decide}>
        <Asked view={view} />
        <Opens facts={view.facts} name={firstName(view.request.subject.name)} />
        <Others view={view} name={firstName(view.request.requester.name)} />
        <Decide key={view.seen} view={{ ...view, seat: view.seat }}>
          <Checks view={view} />
        </Decide>
      </div>
    </>
  );
}

function firstName(name: string): string {
  return name.split(/\s+/u)[0] ?? name;
}

function Place({ place }: { place: DecisionView["place"] }) {
  return (
    <div className={css.placeBar}>
      <Link href="/inbox" aria-label="Back to what waits for me">
        <IconArrowLeft size={20} stroke={1.7} aria-hidden />
      </Link>
      <h1>Waiting for me</h1>
      {place ? (
        <>
          <span className="dimmed">
            {place.position} of <Count value={place.of.value} capped={place.of.capped} />
          </span>
          <span className={css.end}>
            <Turn to={place.previous} label="The one before" icon={IconChevronLeft} />
            <Turn to={place.next} label="The next" icon={IconChevronRight} />
          </span>
        </>
      ) : null}
    </div>
  );
}

function Turn({ to, label, icon: Icon }: { to: string | null; label: string; icon: typeof IconChevronLeft }) {
  if (to === null)
    return (
      <span data-off aria-hidden>
        <Icon size={20} stroke={1.7} />
      </span>
    );
  return (
    <Link href={`/inbox/${to}` as Route} aria-label={label}>
      <Icon size={20} stroke={1.7} aria-hidden />
    </Link>
  );
}

function Asked({ view }: { view: DecisionView }) {
  const { request, seat } = view;
  const { requester, subject } = request;
  const forAnother = requester.id !== subject.id;
  return (
    <section className={css.head} aria-label="What is asked for">
      <p className={css.line}>
        <Initials name={requester.name} size={24} />
        <Name value={requester.name} />
        <span className="dimmed">
          asked {request.extendsGrantId ? "for more time " : ""}
          <Time at={request.createdAt} />
          {forAnother ? (
            <>
              {" "}
              for <Isolated value={subject.name} />
            </>
          ) : null}
          {seat?.onBehalfOf ? `; you stand in for ${seat.onBehalfOf}` : `; you decide as ${seat?.because}`}
        </span>
      </p>
      {request.items
        .filter((item) => item.droppedBy === null)
        .map((item) => (
          <div key={item.id}>
            <h2 className={css.title}>
              <What permission={item.permission} resource={item.resource} connection={item.connection.name} />
            </h2>
            <p className={css.line}>
              <Environment value={environmentOf(item.connection.environment)} />
              <span className={css.tag}>
                {item.resourceType} {item.resource}
              </span>
              {item.account ? <span className={css.tag}>account {item.account}</span> : null}
              {request.ticket ? <span className={css.tag}>{request.ticket}</span> : null}
              <span className={css.tag}>{lengthWords(request)}</span>
              {request.give === "credential" ? <span className={css.tag}>short-lived credential</span> : null}
            </p>
          </div>
        ))}
      <Quote value={request.reason} />
      {request.notes.map((note) => (
        <Quote key={`${note.at} ${note.by}`} by={note.by} value={note.text} />
      ))}
    </section>
  );
}

function environmentOf(text: string) {
  return text === "production" || text === "staging" || text === "development" ? text : null;
}
