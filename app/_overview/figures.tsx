import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { numberWords } from "@/components/count";
import { UseLine } from "@/components/last-use";
import { figureLinks } from "@/lib/inventory/overview-links";
import type { Overview } from "@/lib/inventory/overview-queries";
import type { LastUse } from "@/lib/inventory/schema";
import css from "./overview.module.css";
import { seriesOf, signed, weekBefore } from "./shapes";

/** The five figures that one looks at first, each a way to its list. */
export function Figures({ overview }: { overview: Overview }) {
  const { counters, systems, history } = overview;
  const count = (key: string) => counters[key] ?? 0;
  const { days, series } = seriesOf(history, ["identities"]);
  const before = weekBefore(days, series[0]?.values ?? []);
  const grown = before === null ? "" : `${signed(count("identities") - before)} in a week, `;
  const people = count("identities.privileged.human");
  const blind = systems.filter((system) => !system.coverage.complete).length;
  return (
    <dl className={css.figures}>
      <Figure label="Identities" of="identities" count={count("identities")}>
        {grown}in {numberWords(systems.length)} {systems.length === 1 ? "system" : "systems"}
      </Figure>
      <Figure label="Privileged" of="identities.privileged" count={count("identities.privileged")}>
        <To of="identities.privileged.human">{numberWords(people)} people</To>,{" "}
        {numberWords(count("identities.privileged") - people)} machines
      </Figure>
      <Figure label="No owner" of="identities.no_owner" count={count("identities.no_owner")} tone="bad">
        <To of="identities.no_owner.production">
          {numberWords(count("identities.no_owner.production"))} in production
        </To>
      </Figure>
      <Figure
        label="Not used for 90 days"
        of="identities.not_used_90d"
        count={count("identities.not_used_90d")}
        line="not_used"
      >
        <To of="identities.not_used_90d.privileged">
          {numberWords(count("identities.not_used_90d.privileged"))} of them privileged
        </To>
      </Figure>
      <Figure
        label="Last use unknown"
        of="identities.last_use.unknown"
        count={count("identities.last_use.unknown")}
        line="unknown"
      >
        {blind === 0
          ? "every system tells of use"
          : `${numberWords(blind)} ${blind === 1 ? "system tells" : "systems tell"} too little of use`}
      </Figure>
    </dl>
  );
}

type FigureProps = {
  label: string;
  of: string;
  count: number;
  tone?: "bad";
  line?: LastUse["state"];
  children: ReactNode;
};

function Figure({ label, of, count, tone, line, children }: FigureProps) {
  return (
    <div className={css.figure}>
      <dt>
        {line ? <UseLine state={line} /> : null}
        {label}
      </dt>
      <dd className={css.value} data-tone={count > 0 ? tone : undefined}>
        <To of={of}>{numberWords(count)}</To>
      </dd>
      <dd className={css.sub}>{children}</dd>
    </div>
  );
}

/** A figure as the way to the list that counts the same. */
export function To({ of, className, children }: { of: string; className?: string; children: ReactNode }) {
  return (
    <Link href={(figureLinks[of] ?? "/identities") as Route} prefetch={false} className={className ?? css.plain}>
      {children}
    </Link>
  );
}
