import Link from "next/link";
import { numberWords } from "@/components/count";
import { Isolated } from "@/components/isolated";
import { Name } from "@/components/name";
import { PlainTable } from "@/components/plain-table";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { endingKindLabels } from "@/lib/restoration/labels";
import type { RestoredEndingItem } from "@/lib/restoration/schema";
import { targetHref } from "../../activity/target-link";
import css from "./restoration.module.css";

const columns = [
  { key: "what", label: "What" },
  { key: "kind", label: "Kind", keep: true },
  { key: "first", label: "First ended" },
  { key: "event", label: "By event", end: true },
  { key: "state", label: "Now" },
  { key: "detail", label: "Why" },
] as const;

/** What had been taken back, a row each: those first that need somebody. */
export function EndingTable({ endings }: { endings: readonly RestoredEndingItem[] }) {
  return (
    <PlainTable
      label="What had been taken back"
      columns={columns}
      rows={endings.map((one) => ({
        key: one.eventId,
        over: one.state === "overtaken" || one.state === "unknown",
        cells: {
          what: <What of={one} />,
          kind: endingKindLabels[one.kind],
          first: <Time at={one.at} />,
          event: numberWords(one.number),
          state: <StatusBadge of="restoredEnding" state={one.state} />,
          detail: one.detail ? (
            <span className={css.why}>
              <Isolated value={one.detail} />
            </span>
          ) : (
            <span className="dimmed">as it was then</span>
          ),
        },
      }))}
    />
  );
}

function What({ of: { kind, name, thingId, action } }: { of: RestoredEndingItem }) {
  const type = kind === "leaving" ? "identity" : kind;
  const href = name === null ? null : targetHref({ type, id: thingId });
  const shown = <Name value={name ?? (kind === "by_hand" ? action : thingId || action)} />;
  return href ? <Link href={href}>{shown}</Link> : shown;
}
