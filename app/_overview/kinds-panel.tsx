import { numberWords } from "@/components/count";
import { KindIcon } from "@/components/kind-icon";
import { Panel } from "@/components/panel";
import { identityKinds } from "@/lib/connectors/schema";
import { kindLabels } from "@/lib/inventory/labels";
import type { Overview } from "@/lib/inventory/overview-queries";
import { To } from "./figures";
import css from "./overview.module.css";
import { seriesOf, signed, sparkPoints, weekBefore, weekly } from "./shapes";

/** How many there are of each kind, how that moved in twelve weeks, and how many have no owner. */
export function KindsPanel({ overview }: { overview: Overview }) {
  const { counters, history } = overview;
  const { days, series } = seriesOf(
    history,
    identityKinds.map((kind) => `identities.${kind}`),
  );
  return (
    <Panel
      title="What there is"
      aside="by kind, 12 weeks"
      action={<span className={css.dimmed}>no owner</span>}
      flush
      className={css.kinds}
    >
      <table className={css.kindTable}>
        <thead className="unseen">
          <tr>
            <th scope="col">Kind</th>
            <th scope="col">Now</th>
            <th scope="col">Twelve weeks</th>
            <th scope="col">In a week</th>
            <th scope="col">No owner</th>
          </tr>
        </thead>
        <tbody>
          {identityKinds.map((kind, index) => {
            const values = series[index]?.values ?? [];
            const now = counters[`identities.${kind}`] ?? 0;
            const before = weekBefore(days, values);
            const ownerless = counters[`identities.no_owner.${kind}`] ?? 0;
            return (
              <tr key={kind}>
                <td>
                  <To of={`identities.${kind}`} className={css.kind}>
                    <KindIcon kind={kind} worded /> {kindLabels[kind]}
                  </To>
                </td>
                <td className="num">
                  <To of={`identities.${kind}`} className={css.strong}>
                    {numberWords(now)}
                  </To>
                </td>
                <td>
                  <Spark
                    values={weekly(days, values)}
                    label={`${kindLabels[kind]}: from ${values[0] ?? now} to ${now}`}
                  />
                </td>
                <td className="num">
                  <span className={css.dimmed}>{before === null ? "" : signed(now - before)}</span>
                </td>
                <td className="num">
                  {kind === "human" ? (
                    <span className={css.dimmed} data-tip="A person needs no owner">
                      –<span className="unseen">a person needs none</span>
                    </span>
                  ) : (
                    <To of={`identities.no_owner.${kind}`}>{numberWords(ownerless)}</To>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Panel>
  );
}

function Spark({ values, label }: { values: number[]; label: string }) {
  if (values.length < 2) return <span className="unseen">no history yet</span>;
  return (
    <svg role="img" aria-label={label} width="64" height="16" viewBox="-2 -2 68 20" className={css.spark}>
      <polyline points={sparkPoints(values, 64, 16)} />
    </svg>
  );
}
