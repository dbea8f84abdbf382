import { numberWords } from "@/components/count";
import { figureLinks } from "@/lib/inventory/overview-links";
import { To } from "./figures";
import css from "./overview.module.css";
import { barHeight } from "./shapes";

export type Bar = {
  /** The counter behind it. */
  of: string;
  label: string;
  /** The same in full, for the tooltip and for screen readers. */
  words: string;
  /** The line's vocabulary: solid, hatched, dotted. */
  look: "used" | "not_used" | "unknown";
};

/** Upright bars, each the way to the list that it counts. Read as a list where it is not seen. */
export function Bars({ bars, counters, label }: { bars: Bar[]; counters: Record<string, number>; label: string }) {
  const most = Math.max(1, ...bars.map((bar) => counters[bar.of] ?? 0));
  return (
    <ul className={css.bars} aria-label={label}>
      {bars.map((bar) => {
        const value = counters[bar.of] ?? 0;
        return (
          <li key={bar.of}>
            <To of={figureLinks[bar.of] ? bar.of : "identities"} className={css.bar}>
              <span className={css.barArea}>
                <span className={css.barValue}>{numberWords(value)}</span>
                <span
                  className={css.barBody}
                  data-look={bar.look}
                  style={{ height: `${barHeight(value, most)}%` }}
                  aria-hidden
                />
              </span>
              <span className={css.barLabel} aria-hidden>
                {bar.label}
              </span>
              <span className="unseen">, {bar.words}</span>
            </To>
          </li>
        );
      })}
    </ul>
  );
}
