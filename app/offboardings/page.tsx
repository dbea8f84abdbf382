import type { Metadata, Route } from "next";
import Link from "next/link";
import css from "@/components/access/access.module.css";
import { numberWords } from "@/components/count";
import { EmptyState } from "@/components/empty-state";
import { KindIcon } from "@/components/kind-icon";
import { LinkButton } from "@/components/link-button";
import { Name } from "@/components/name";
import { PageHeader } from "@/components/page-header";
import { Panel } from "@/components/panel";
import { PlainTable } from "@/components/plain-table";
import { RefusalNote } from "@/components/refusal-note";
import { Time } from "@/components/time";
import { requireActor } from "@/lib/auth/current-actor";
import { getClockReport } from "@/lib/offboarding/clock-queries";
import { standingOf } from "@/lib/offboarding/clock-standing";
import { listHeld } from "@/lib/offboarding/decide-held";
import { listOffboardings, type OffboardingRow } from "@/lib/offboarding/queries";
import { now } from "@/lib/time";
import { attempt } from "../attempt";
import { ClockReportPanel, ClockWords } from "./clock-report";
import { HeldRuns } from "./held-runs";
import { RunBadge } from "./run-badge";
import own from "./runs.module.css";

export const metadata: Metadata = { title: "Leaving" };

type Props = { searchParams: Promise<{ cursor?: string; open?: string }> };

export default async function OffboardingsPage({ searchParams }: Props) {
  const actor = await requireActor();
  const { cursor = null, open: asked } = await searchParams;
  const open = asked === "true";
  const read = await attempt(() =>
    Promise.all([listOffboardings(actor, { cursor, open, limit: 50 }), getClockReport(actor), listHeld(actor)]),
  );
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const [{ items, nextCursor }, report, held] = read.value;
  const older = new URLSearchParams({ ...(open ? { open: "true" } : {}), cursor: nextCursor ?? "" });
  return (
    <>
      <PageHeader
        title="Leaving"
        actions={
          <LinkButton href="/offboardings/new" variant="filled">
            Somebody leaves…
          </LinkButton>
        }
      />
      <div className={css.page}>
        <HeldRuns {...held} />
        <ClockReportPanel report={report} />
        {items.length === 0 ? (
          <Empty open={open} cursor={cursor} />
        ) : (
          <Panel
            title={open ? "Open runs" : "Runs"}
            aside="newest first"
            flush
            action={
              <Link href={(open ? "/offboardings" : "/offboardings?open=true") as Route}>
                {open ? "Show all" : "Only open ones"}
              </Link>
            }
          >
            <Runs items={items} />
          </Panel>
        )}
        {nextCursor || cursor ? (
          <div className={css.buttons}>
            {cursor ? (
              <LinkButton href={(open ? "/offboardings?open=true" : "/offboardings") as Route} variant="default">
                From the newest
              </LinkButton>
            ) : null}
            {nextCursor ? (
              <LinkButton href={`/offboardings?${older}` as Route} variant="default">
                Older ones
              </LinkButton>
            ) : null}
          </div>
        ) : null}
      </div>
    </>
  );
}

function Empty({ open, cursor }: { open: boolean; cursor: string | null }) {
  if (open || cursor) {
    return (
      <EmptyState
        title={open ? "No run is open" : "There are no older runs"}
        actions={<Link href="/offboardings">Show all</Link>}
      >
        {open ? "Everybody who left is gone, proven, and all that they left behind has somebody." : null}
      </EmptyState>
    );
  }
  return (
    <EmptyState title="Nobody has left yet" actions={<Link href="/offboardings/new">Somebody leaves…</Link>}>
      Whoever leaves, person or machine, stands here: what was taken, when it was proven, and what is still open. An
      identity source starts runs by itself when somebody is gone from it.
    </EmptyState>
  );
}

function Runs({ items }: { items: readonly OffboardingRow[] }) {
  const at = now();
  return (
    <PlainTable
      label="Runs"
      columns={[
        { key: "run", label: "Run", share: 7 },
        { key: "who", label: "Who", share: 22 },
        { key: "state", label: "State", share: 14 },
        { key: "shut", label: "Shut, proven", share: 17 },
        { key: "complete", label: "Complete", share: 15 },
        { key: "steps", label: "Gone", end: true, share: 8 },
        { key: "open", label: "Left behind", end: true, share: 9 },
        { key: "at", label: "Ordered", share: 8 },
      ]}
      rows={items.map((run) => ({
        key: run.id,
        over: run.state === "cancelled",
        cells: {
          run: (
            <Link href={`/offboardings/${run.id}` as Route} className="mono">
              O-{run.number}
            </Link>
          ),
          who: (
            <Link href={`/offboardings/${run.id}` as Route} className={own.who}>
              <KindIcon kind={run.identity.kind} /> <Name value={run.identity.name} />
            </Link>
          ),
          state: <RunBadge run={run} at={at} />,
          shut: shutOf(run, at),
          complete: <ClockWords standing={standingOf(run, "complete", at)} />,
          steps:
            run.state === "cancelled" || run.steps === 0
              ? null
              : `${numberWords(run.gone)} of ${numberWords(run.steps)}`,
          open: run.openItems === 0 ? <span className="dimmed">none open</span> : `${run.openItems} open`,
          at: <Time at={run.createdAt} />,
        },
      }))}
    />
  );
}

function shutOf(run: OffboardingRow, at: Date) {
  const { kind, state, shutAt } = run;
  if (state === "cancelled") return null;
  // Of a mover nothing is shut.
  if (kind === "mover") return <span className="dimmed">moved</span>;
  if (state === "ordered" || (shutAt > at && state !== "paused_by_brake"))
    return (
      <span className="dimmed">
        to be shut <Time at={shutAt} />
      </span>
    );
  if (state === "paused_by_brake") return <span className="dimmed">held</span>;
  return <ClockWords standing={standingOf(run, "contain", at)} />;
}
