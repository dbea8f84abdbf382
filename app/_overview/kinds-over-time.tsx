import { numberWords } from "@/components/count";
import { Panel } from "@/components/panel";
import { Time } from "@/components/time";
import { identityKinds } from "@/lib/connectors/schema";
import { kindLabels } from "@/lib/inventory/labels";
import type { Overview } from "@/lib/inventory/overview-queries";
import css from "./overview.module.css";
import { areaPath, placesOf, roundTop, seriesOf, stack } from "./shapes";

/** How many identities there were of each kind, stacked, over twelve weeks. */
export function KindsOverTime({ overview }: { overview: Overview }) {
  const { days, series } = seriesOf(
    overview.history,
    identityKinds.map((kind) => `identities.${kind}`),
  );
  const present = series.filter((one) => one.values.some((value) => value > 0));
  const stacked = stack(present);
  const most = Math.max(0, ...(stacked.at(-1)?.upper ?? []));
  const [first, last] = [days[0], days.at(-1)];
  if (!first || !last || first === last)
    return (
      <Panel title="Identities by kind" aside="over time">
        <p className={css.quiet}>Today is the first day that was counted. From tomorrow on, this draws how it moves.</p>
      </Panel>
    );
  const top = roundTop(most);
  const places = placesOf(days);
  const words = present.map(
    (one) => `${labelOf(one.key)} from ${numberWords(one.values[0] ?? 0)} to ${numberWords(one.values.at(-1) ?? 0)}`,
  );
  return (
    <Panel title="Identities by kind" aside="12 weeks">
      <figure className={css.time}>
        <div className={css.plot}>
          <span className={css.top}>{numberWords(top)}</span>
          <span className={css.middle}>{numberWords(top / 2)}</span>
          <svg
            role="img"
            aria-label={`Identities by kind since ${first}: ${words.join("; ")}.`}
            viewBox="0 0 100 100"
            preserveAspectRatio="none"
          >
            <path d="M0 0H100M0 50H100" className={css.gridLine} />
            {stacked.map((area, index) => (
              <path
                key={area.key}
                d={areaPath(places, area.lower, area.upper, top)}
                className={css.area}
                data-shade={index}
              />
            ))}
          </svg>
          <span className={css.from}>
            <Time at={first} as="date" />
          </span>
          <span className={css.to}>
            <Time at={last} as="date" />
          </span>
        </div>
        <figcaption>
          <ul className={css.legend}>
            {[...present].reverse().map((one) => (
              <li key={one.key}>
                <span className={css.swatch} data-shade={present.indexOf(one)} aria-hidden /> {labelOf(one.key)}
              </li>
            ))}
          </ul>
        </figcaption>
      </figure>
    </Panel>
  );
}

function labelOf(key: string): string {
  const kind = identityKinds.find((one) => key === `identities.${one}`);
  return kind ? kindLabels[kind] : key;
}
