"use client";

import { IconAlertOctagon, IconCheck, IconGhost2, IconPlugConnectedX } from "@tabler/icons-react";
import css from "@/components/access/access.module.css";
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
                  <strong>{receiptLabels[line.step]}</strong> <bdi className="dimmed">{line.detail}</bdi>
                </span>
              </li>
            );
          })}
        </ol>
      )}
    </Panel>
  );
}
