import type { Metadata, Route } from "next";
import Link from "next/link";
import css from "@/components/access/access.module.css";
import { KindIcon } from "@/components/kind-icon";
import { Name } from "@/components/name";
import { PageHeader } from "@/components/page-header";
import { FactStrip, Panel } from "@/components/panel";
import { RefusalNote } from "@/components/refusal-note";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { requireActor } from "@/lib/auth/current-actor";
import { causeLabels } from "@/lib/offboarding/labels";
import { getProgress } from "@/lib/offboarding/progress-queries";
import { getOffboarding, type OffboardingDetail } from "@/lib/offboarding/queries";
import { now } from "@/lib/time";
import { attempt } from "../../attempt";
import { Items } from "./items";
import { LiveProgress } from "./live-progress";
import { RunActions } from "./run-actions";
import { Steps } from "./steps";

export const metadata: Metadata = { title: "Leaving" };

export default async function OffboardingPage({ params }: { params: Promise<{ id: string }> }) {
  const actor = await requireActor();
  const { id } = await params;
  const read = await attempt(async () => ({
    run: await getOffboarding(actor, { id }),
    progress: await getProgress(actor, { id }),
  }));
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const { run, progress } = read.value;
  return (
    <>
      <PageHeader
        breadcrumb={[{ label: "Leaving", href: "/offboardings" }]}
        title={`${run.identity.name} leaves`}
        aside={`O-${run.number}`}
        badges={<StatusBadge of="offboarding" state={run.state} />}
        actions={
          <RunActions id={run.id} may={run.may} isMachine={run.kind === "machine"} begun={run.begunAt !== null} />
        }
      />
      <div className={css.page}>
        <Clocks run={run} />
        {run.reason ? <p className={css.quote}>{run.reason}</p> : null}
        {run.because ? <p className={css.warning}>{run.because}</p> : null}
        <LiveProgress id={run.id} initial={progress} />
        <Items run={run} />
        <Steps run={run} />
        <Consumers run={run} />
      </div>
    </>
  );
}

function Clocks({ run }: { run: OffboardingDetail }) {
  const by = (at: Date | null) =>
    at ? (
      <>
        not yet; {at < now() ? "was due" : "due"} <Time at={at} />
      </>
    ) : (
      "not begun"
    );
  return (
    <FactStrip
      facts={[
        {
          label: run.kind === "machine" ? "Machine" : "Person",
          value: (
            <>
              <KindIcon kind={run.identity.kind} />
              <Link href={`/identities/${run.identity.id}` as Route}>
                <Name value={run.identity.name} />
              </Link>
            </>
          ),
        },
        {
          label: "Ordered",
          value: (
            <>
              <Time at={run.createdAt} /> by <bdi>{run.orderedBy}</bdi>
            </>
          ),
        },
        { label: "Started", value: causeLabels[run.cause] ?? run.cause },
        { label: "Every way in shut", value: <Time at={run.shutAt} /> },
        { label: "Proven shut", value: run.containedAt ? <Proof run={run} /> : by(run.containBy) },
        { label: "All of it done", value: run.completedAt ? <Time at={run.completedAt} /> : by(run.completeBy) },
        {
          label: "Accounts deleted",
          value: run.holdDays === null ? "never by Rollcall" : `${run.holdDays} days after`,
        },
      ]}
    />
  );
}

function Proof({ run }: { run: OffboardingDetail }) {
  if (!run.containedAt) return null;
  const seconds = Math.max(0, (run.containedAt.getTime() - run.shutAt.getTime()) / 1_000);
  return (
    <>
      <Time at={run.containedAt} />, after {seconds.toFixed(1)} s
    </>
  );
}

function Consumers({ run }: { run: OffboardingDetail }) {
  if (run.consumers.length === 0) return null;
  return (
    <Panel title="Who called with it before" flush>
      <ul className={css.rows}>
        {run.consumers.map((it) => (
          <li key={`${it.account} ${it.connection} ${it.from}`} className={css.row}>
            <span className={css.grow}>
              <bdi>{it.from ?? "an unknown place"}</bdi> as <bdi>{it.account}</bdi> in {it.connection}
            </span>
            <Time at={it.lastAt} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
