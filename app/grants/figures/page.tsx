import type { Metadata } from "next";
import css from "@/components/access/access.module.css";
import { numberWords } from "@/components/count";
import { PageHeader } from "@/components/page-header";
import { Panel } from "@/components/panel";
import { PlainTable } from "@/components/plain-table";
import { RefusalNote } from "@/components/refusal-note";
import { requireActor } from "@/lib/auth/current-actor";
import { type Figures, getFigures, type Spread } from "@/lib/requests/figure-queries";
import { attempt } from "../../attempt";
import { HeldChart } from "./held-chart";

export const metadata: Metadata = { title: "Figures of access" };

export default async function FiguresPage() {
  const actor = await requireActor();
  const read = await attempt(() => getFigures(actor));
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const figures = read.value;
  return (
    <>
      <PageHeader
        title="Figures"
        breadcrumb={[{ label: "Grants", href: "/grants" }]}
        aside={`the last ${figures.days} days`}
      />
      <div className={css.page}>
        <Panel title="How long it takes" aside="half, 95 and 99 of a hundred within" flush>
          <PlainTable
            label="How long it takes"
            columns={[
              { key: "what", label: "What" },
              { key: "of", label: "Counted over", end: true },
              { key: "p50", label: "50 %", end: true },
              { key: "p95", label: "95 %", end: true },
              { key: "p99", label: "99 %", end: true },
            ]}
            rows={linesOf(figures).map(({ what, spread }) => ({
              key: what,
              cells: {
                what,
                of: spread ? numberWords(spread.of) : "none yet",
                p50: secondsWords(spread?.p50),
                p95: secondsWords(spread?.p95),
                p99: secondsWords(spread?.p99),
              },
            }))}
          />
        </Panel>
        <HeldChart held={figures.held} />
      </div>
    </>
  );
}

function linesOf({ decision, decisions, access, revoke }: Figures): { what: string; spread: Spread | null }[] {
  return [
    { what: "From asking to the decision", spread: decision },
    // Of one kind of system that line says it all.
    ...(decisions.length > 1 ? byKind("From asking to the decision", decisions) : []),
    ...byKind("From the decision to usable", access),
    ...byKind("From the order to proven gone", revoke),
  ];
}

function byKind(what: string, spreads: Figures["access"]): { what: string; spread: Spread | null }[] {
  if (spreads.length === 0) return [{ what, spread: null }];
  return spreads.map((spread) => ({ what: `${what}, ${spread.connector}`, spread }));
}

function secondsWords(seconds: number | undefined): string {
  if (seconds === undefined) return "";
  if (seconds < 60) return `${seconds.toFixed(2)} s`;
  if (seconds < 3_600) return `${(seconds / 60).toFixed(1)} min`;
  return `${(seconds / 3_600).toFixed(1)} h`;
}
