import { IconX } from "@tabler/icons-react";
import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { numberWords } from "@/components/count";
import { Isolated } from "@/components/isolated";
import { Time } from "@/components/time";
import { targetWords, wordsOf } from "@/lib/audit/labels";
import type { ConsistencyProof, InclusionProof } from "@/lib/audit/proofs";
import type { EventDetail } from "@/lib/audit/schema";
import type { ActionResult } from "@/lib/errors";
import css from "./activity.module.css";
import { actorWords } from "./actor-icon";
import { CloseOnEscape } from "./close-on-escape";
import { Outcome } from "./outcome";
import { Proof } from "./proof";
import { hrefOf, type Search, storyHref } from "./search";
import { targetHref } from "./target-link";

type Props = {
  event: EventDetail;
  search: Search;
  /** Null where there can be none yet. */
  proof: ActionResult<InclusionProof | ConsistencyProof> | null;
  /** Verifier keys of the record. */
  keys: readonly string[];
};

/** All that is kept of one event, beside the list; on a narrow screen it floats over it. */
export function EventPanel({ event, search, proof, keys }: Props) {
  return (
    <aside className={css.panel} aria-label="Event">
      <CloseOnEscape href={hrefOf(search, { event: undefined })} />
      <div className={css.panelHead}>
        <span className="dimmed">
          {event.number === null ? "Event, waits for its number" : `Event ${numberWords(event.number)}`}
        </span>
        <Link href={hrefOf(search, { event: undefined })} scroll={false} className={css.close} aria-label="Close">
          <IconX size={18} stroke={1.7} aria-hidden />
        </Link>
      </div>
      <h2 className={css.panelTitle}>
        <span className="mono">{event.action}</span> <Outcome value={event.outcome} />
      </h2>
      <dl className={css.facts}>
        <Fact label="When">
          <Time at={event.at} as="full" />
        </Fact>
        <Who event={event} />
        <Target event={event} />
        {event.why ? <Values label="Why" value={event.why} /> : null}
        {event.details ? <Values label="Details" value={event.details} /> : null}
        {event.requestId ? (
          <Fact label="Request" mono>
            {event.requestId}
          </Fact>
        ) : null}
        {event.beforeDigest ? (
          <Fact label="Before, SHA-256" mono>
            {event.beforeDigest}
          </Fact>
        ) : null}
        {event.afterDigest ? (
          <Fact label="After, SHA-256" mono>
            {event.afterDigest}
          </Fact>
        ) : null}
        <Fact label="Hash in the log" mono={event.leafHash !== null}>
          {event.leafHash ?? "when it has its number, within a second or two"}
        </Fact>
        <Fact label="Proof">
          <Proof proof={proof} event={event} keys={keys} />
        </Fact>
        <Fact label="Id" mono>
          {event.id}
        </Fact>
      </dl>
    </aside>
  );
}

function Who({ event }: { event: EventDetail }) {
  const { actor, onBehalfOf } = event;
  const authenticated = event.actorFacts.authenticatedBy;
  return (
    <>
      <Fact label="Who">
        {actor.identityId ? (
          <Link href={`/identities/${actor.identityId}` as Route}>
            <Isolated value={actorWords(actor)} />
          </Link>
        ) : (
          <Isolated value={actorWords(actor)} />
        )}
        {typeof authenticated === "string" ? <span className="dimmed">, signed in by {authenticated}</span> : null}
        {actor.id ? (
          <Link href={hrefOf({}, { who: actor.id, event: event.id })} className={css.more}>
            all they did
          </Link>
        ) : null}
      </Fact>
      {onBehalfOf ? (
        <Fact label="On behalf of">
          <Isolated value={onBehalfOf.name} />
        </Fact>
      ) : null}
    </>
  );
}

function Target({ event }: { event: EventDetail }) {
  const { target } = event;
  if (!target) return null;
  const href = targetHref(target);
  const name = target.name ?? target.id ?? targetWords(target.type);
  return (
    <Fact label="On what">
      {href ? (
        <Link href={href}>
          <Isolated value={name} />
        </Link>
      ) : (
        <Isolated value={name} />
      )}
      <span className="dimmed">, {targetWords(target.type)}</span>
      {target.id ? (
        <Link href={storyHref(target.type, target.id)} className={css.more}>
          its whole story
        </Link>
      ) : null}
    </Fact>
  );
}

function Fact({ label, mono, children }: { label: string; mono?: boolean; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd className={mono ? "mono" : undefined}>{children}</dd>
    </div>
  );
}

/** A JSON object as lines of words; what is nested stays JSON. */
function Values({ label, value }: { label: string; value: Record<string, unknown> }) {
  return (
    <Fact label={label}>
      <ul className={css.values}>
        {Object.entries(value).map(([key, item]) => (
          <li key={key}>
            <span className="dimmed">{wordsOf(key)}</span>{" "}
            {Array.isArray(item) && item.every((one) => typeof one !== "object") ? (
              <Isolated value={item.join(", ")} />
            ) : typeof item === "object" && item !== null ? (
              <code className={css.json}>{JSON.stringify(item, null, 1)}</code>
            ) : (
              <Isolated value={String(item)} />
            )}
          </li>
        ))}
      </ul>
    </Fact>
  );
}
