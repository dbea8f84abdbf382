import { IconAlertTriangle, IconCircleCheck, IconClock } from "@tabler/icons-react";
import { numberWords } from "@/components/count";
import { Panel } from "@/components/panel";
import { PlainTable } from "@/components/plain-table";
import { Badge } from "@/components/status-badge";
import { spanWords } from "@/components/time-words";
import type { ClockReport } from "@/lib/offboarding/clock-queries";
import type { standingOf } from "@/lib/offboarding/clock-standing";
import { tookWords } from "./span-words";

/** The two clocks over the last 90 days: how soon, and how many in time. */
export function ClockReportPanel({ report }: { report: readonly ClockReport[] }) {
  if (report.length === 0) return null;
  return (
    <Panel title="In time?" aside="the last 90 days, from the time to shut until proven" flush>
      <PlainTable
        label="How soon, against the targets"
        columns={[
          { key: "what", label: "Clock" },
          { key: "target", label: "Wanted within", keep: true },
          { key: "p50", label: "Half within", keep: true },
          { key: "p95", label: "95 % within", keep: true },
          { key: "met", label: "In time", keep: true },
          { key: "now", label: "Not yet", keep: true },
        ]}
        rows={report.map((row) => ({
          key: `${row.kind} ${row.clock}`,
          cells: {
            what: `${row.kind === "person" ? "People" : "Machines"}: ${row.clock === "contain" ? "shut" : "complete"}`,
            target: spanWords(row.targetMs),
            p50: row.p50Ms === null ? <span className="dimmed">none proven yet</span> : tookWords(row.p50Ms),
            p95: row.p95Ms === null ? <span className="dimmed">none proven yet</span> : tookWords(row.p95Ms),
            met: `${numberWords(row.met)} of ${numberWords(row.met + row.missed + row.late)} due`,
            now: <NotYet row={row} />,
          },
        }))}
      />
    </Panel>
  );
}

function NotYet({ row: { late, within } }: { row: ClockReport }) {
  if (late > 0) {
    return (
      <Badge tone="amber" icon={IconAlertTriangle}>
        {numberWords(late)} late{within > 0 ? `, ${numberWords(within)} on time so far` : ""}
      </Badge>
    );
  }
  return <span className="dimmed">{within > 0 ? `${numberWords(within)}, on time so far` : "none"}</span>;
}

/** One clock of one run: how long it took and whether that was in time, or by how much it is late. */
export function ClockWords({ standing }: { standing: ReturnType<typeof standingOf> }) {
  if (standing === null) return null;
  const { tookMs, lateMs } = standing;
  if (standing.standing === "within") return <span className="dimmed">on time so far</span>;
  if (standing.standing === "late") {
    return (
      <Badge tone="amber" icon={IconAlertTriangle}>
        {tookWords(lateMs)} late
      </Badge>
    );
  }
  const took = tookWords(tookMs ?? 0);
  return standing.standing === "met" ? (
    <Badge tone="green" icon={IconCircleCheck}>
      in {took}
    </Badge>
  ) : (
    <Badge tone="grey" icon={IconClock}>
      in {took}, {tookWords(lateMs)} late
    </Badge>
  );
}
