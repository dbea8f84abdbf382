"use client";

import { IconAlertOctagon, IconCheck, IconGhost2, IconPlugConnectedX } from "@tabler/icons-react";
import css from "@/components/access/access.module.css";
import { Isolated } from "@/components/isolated";
import { Panel } from "@/components/panel";
import { useReaderFacts } from "@/components/reader";
import { Time } from "@/components/time";
import { zoneName } from "@/components/time-words";
import { receiptLabels } from "@/lib/grants/labels";
import type { GrantDetail } from "@/lib/grants/queries";

const icons: Partial<Record<string, { icon: typeof IconCheck; tone: string }>> = {
  failed: { icon: IconAlertOctagon, tone: "bad" },
  taken_away_by_hand: { icon: IconAlertOctagon, tone: "warn" },
  came_back: { icon: IconGhost2, tone: "bad" },
  sessions_ended: { icon: IconPlugConnectedX, tone: "ok" },
};

// Times within the words of a system are told in the reader's zone; those in a quoted statement stay as they were sent.
const instant = /(?<!')(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/;

function Detail({ text }: { text: string }) {
  return (
    <span className="dimmed">
      {text.split(instant).map((part, n) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never move
        n % 2 === 1 ? <Time key={n} at={part} as="full" /> : <Isolated key={n} value={part} />,
      )}
    </span>
  );
}

/** What happened to a grant, from the order to the proof that it is gone: a line a step, by the clock. */
export function Receipt({ receipt }: { receipt: GrantDetail["receipt"] }) {
  const { zone, nowMs } = useReaderFacts();
  return (
    <Panel title="Receipt" aside={`times in ${zoneName(nowMs, zone)}`} flush>
      {receipt.length === 0 ? (
        <p className={css.note}>Nothing was ordered yet.</p>
      ) : (
        <ol className={css.timeline}>
          {receipt.map((line) => {
            const { icon: Icon, tone } = icons[line.step] ?? { icon: IconCheck, tone: "ok" };
            return (
              <li key={`${line.step} ${line.at} ${line.detail}`}>
                <span className="dimmed">
                  <Time at={line.at} as="date" /> <Time at={line.at} as="clock" />
                </span>
                <Icon size={16} stroke={1.7} aria-hidden className={css.icon} data-tone={tone} />
                <span className={css.grow}>
                  <strong>{receiptLabels[line.step]}</strong> <Detail text={line.detail} />
                </span>
              </li>
            );
          })}
        </ol>
      )}
    </Panel>
  );
}
