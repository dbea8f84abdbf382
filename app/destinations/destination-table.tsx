import { numberWords } from "@/components/count";
import { Isolated } from "@/components/isolated";
import { Name } from "@/components/name";
import { PlainTable } from "@/components/plain-table";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { DestinationItem } from "@/lib/audit/destination-schema";
import { DestinationActs } from "./destination-acts";
import css from "./destinations.module.css";
import { kindWords } from "./labels";

const columns = [
  { key: "name", label: "Name" },
  { key: "kind", label: "Kind", keep: true },
  { key: "state", label: "State" },
  { key: "position", label: "Has up to event", end: true },
  { key: "behind", label: "Waiting", end: true },
  { key: "arrived", label: "Last arrived" },
  { key: "acts", label: "Actions", quiet: true, end: true },
] as const;

type Props = { label: string; destinations: readonly DestinationItem[]; mayConfigure: boolean };

/** Destinations of one sort: how far each has come, what waits for it, and why it gets nothing. */
export function DestinationTable({ label, destinations, mayConfigure }: Props) {
  return (
    <PlainTable
      label={label}
      columns={columns}
      rows={destinations.map((one) => ({
        key: one.id,
        over: one.pausedAt !== null,
        cells: {
          name: (
            <span className={css.two}>
              <Name value={one.name} />
              <span className="dimmed">
                <Isolated value={one.shown} />
              </span>
            </span>
          ),
          kind: kindWords[one.kind].label,
          state: <State of={one} />,
          position: one.position === 0 ? <span className="dimmed">none</span> : numberWords(one.position),
          behind: one.behind === 0 ? <span className="dimmed">none</span> : numberWords(one.behind),
          arrived: one.arrivedAt ? <Time at={one.arrivedAt} /> : <span className="dimmed">nothing yet</span>,
          acts: mayConfigure ? <DestinationActs destination={one} /> : null,
        },
      }))}
    />
  );
}

function State({ of: one }: { of: DestinationItem }) {
  if (one.pausedAt)
    return (
      <span className={css.state}>
        <StatusBadge of="destination" state="paused" />
        <span className="dimmed">
          since <Time at={one.pausedAt} />
        </span>
      </span>
    );
  if (one.failingSince)
    return (
      <span className={css.state}>
        <StatusBadge of="destination" state="failing" />
        <span className={css.why}>
          <Isolated value={one.lastError} />
        </span>
        <span className="dimmed">
          {one.failuresInRow === 1 ? "once" : `${numberWords(one.failuresInRow)} times`} since{" "}
          <Time at={one.failingSince} />
          {one.nextTryAt ? (
            <>
              , next try <Time at={one.nextTryAt} />
            </>
          ) : null}
        </span>
      </span>
    );
  if (one.arrivedAt === null) return <StatusBadge of="destination" state="new" />;
  return <StatusBadge of="destination" state="current" />;
}
