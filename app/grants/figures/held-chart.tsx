import css from "@/components/access/access.module.css";
import { numberWords } from "@/components/count";
import { Panel } from "@/components/panel";
import { PlainTable } from "@/components/plain-table";
import type { Figures } from "@/lib/requests/figure-queries";
import chart from "./held-chart.module.css";

/** Standing against time-bound access, by day: two lines, each on a scale of its own, and the same as a table. */
export function HeldChart({ held }: { held: Figures["held"] }) {
  const last = held.at(-1);
  return (
    <Panel
      title="Standing against time-bound"
      aside={
        last
          ? `now ${last.standing === null ? "unknown" : numberWords(last.standing)} standing, ${numberWords(last.timeBound)} for a time`
          : undefined
      }
    >
      <div className={css.form}>
        <p className={chart.scale}>
          <span>{numberWords(mostOf(held.map((it) => it.timeBound)))} for a time</span>
          <span>{numberWords(mostOf(held.map((it) => it.standing)))} standing</span>
        </p>
        <svg viewBox="0 0 600 120" className={chart.chart} aria-hidden="true" preserveAspectRatio="none">
          <polyline className={chart.standing} points={pointsOf(held.map((it) => it.standing))} />
          <polyline className={chart.bound} points={pointsOf(held.map((it) => it.timeBound))} />
        </svg>
        <p className={chart.scale}>
          <span>{held[0]?.day}</span>
          <span>{last?.day}</span>
        </p>
        <p className={css.line}>
          <span className={chart.key} data-of="bound" aria-hidden /> for a time{" "}
          <span className={chart.key} data-of="standing" aria-hidden /> standing
          <span className="dimmed">each line from nought to the most of its own, written above</span>
        </p>
        <details>
          <summary>The same as a table</summary>
          <PlainTable
            label="Standing against time-bound, by day"
            columns={[
              { key: "day", label: "Day" },
              { key: "bound", label: "For a time", end: true },
              { key: "standing", label: "Standing", end: true },
            ]}
            rows={[...held].reverse().map((it) => ({
              key: it.day,
              cells: {
                day: it.day,
                bound: numberWords(it.timeBound),
                standing: it.standing === null ? "not counted" : numberWords(it.standing),
              },
            }))}
          />
        </details>
      </div>
    </Panel>
  );
}

function mostOf(values: readonly (number | null)[]): number {
  return Math.max(1, ...values.map((value) => value ?? 0));
}

function pointsOf(values: readonly (number | null)[]): string {
  const most = mostOf(values);
  return values
    .flatMap((value, n) =>
      value === null
        ? []
        : [`${((n / Math.max(1, values.length - 1)) * 600).toFixed(1)},${(116 - (value / most) * 108).toFixed(1)}`],
    )
    .join(" ");
}
