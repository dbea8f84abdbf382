import type { Route } from "next";
import Link from "next/link";
import { ActButton } from "@/components/act-button";
import { Isolated } from "@/components/isolated";
import { PlainTable } from "@/components/plain-table";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { eventWords, kindLabels } from "@/lib/messages/labels";
import type { DeliveryRow } from "@/lib/messages/queries";
import { retry } from "./actions";
import css from "./messages.module.css";

const columns = [
  { key: "what", label: "Message" },
  { key: "to", label: "To" },
  { key: "state", label: "State" },
  { key: "answer", label: "Last answer" },
  { key: "made", label: "Ordered" },
  { key: "acts", label: "Actions", quiet: true, end: true },
] as const;

/** Deliveries: what was sent where, and what was answered. */
export function DeliveryTable({ deliveries, mayRetry }: { deliveries: readonly DeliveryRow[]; mayRetry: boolean }) {
  return (
    <PlainTable
      label="Deliveries"
      columns={columns}
      rows={deliveries.map((delivery) => ({
        key: delivery.id,
        over: delivery.state === "given_up_by_person",
        cells: {
          what: (
            <span className={css.two}>
              <Link href={`/messages/${delivery.id}` as Route} className={css.strong} prefetch={false}>
                <Isolated value={delivery.subject} />
              </Link>
              <span className="dimmed">{eventWords(delivery.event)}</span>
            </span>
          ),
          to: (
            <span className={css.two}>
              <Isolated value={delivery.channel ?? delivery.to} />
              <span className="dimmed">{kindLabels[delivery.kind]}</span>
            </span>
          ),
          state: <DeliveryState delivery={delivery} />,
          answer: <Answer delivery={delivery} />,
          made: <Time at={delivery.createdAt} />,
          acts:
            mayRetry && delivery.state !== "sent" ? (
              <ActButton act={retry} input={{ id: delivery.id }} name={`Try ${delivery.subject} again`}>
                Try again
              </ActButton>
            ) : null,
        },
      }))}
    />
  );
}

/** The state, and of what waits the tries so far and the next. */
export function DeliveryState({ delivery }: { delivery: DeliveryRow }) {
  return (
    <span className={css.two}>
      <span>
        <StatusBadge of="delivery" state={delivery.state} />
      </span>
      {delivery.state === "waiting" && delivery.attempts > 0 && delivery.nextTryAt ? (
        <span className="dimmed">
          {delivery.attempts === 1 ? "1 try" : `${delivery.attempts} tries`}, next <Time at={delivery.nextTryAt} />
        </span>
      ) : null}
    </span>
  );
}

function Answer({ delivery }: { delivery: DeliveryRow }) {
  const { lastStatus, lastAnswer } = delivery;
  if (lastStatus === null && !lastAnswer) return <span className="dimmed">none yet</span>;
  return (
    <span className={css.two}>
      {lastStatus === null ? null : <span className="mono">{lastStatus}</span>}
      {lastAnswer ? (
        <span className="dimmed">
          <Isolated value={lastAnswer.slice(0, 120)} />
        </span>
      ) : null}
    </span>
  );
}
