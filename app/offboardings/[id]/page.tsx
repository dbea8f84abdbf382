import type { Metadata, Route } from "next";
import Link from "next/link";
import css from "@/components/access/access.module.css";
import { Isolated } from "@/components/isolated";
import { KindIcon } from "@/components/kind-icon";
import { PageHeader } from "@/components/page-header";
import { Panel } from "@/components/panel";
import { RefusalNote } from "@/components/refusal-note";
import { Time } from "@/components/time";
import { may } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { causeLabels } from "@/lib/offboarding/labels";
import { getProgress } from "@/lib/offboarding/progress-queries";
import { getOffboarding, type OffboardingDetail } from "@/lib/offboarding/queries";
import { now } from "@/lib/time";
import { attempt } from "../../attempt";
import { CallersTable } from "../callers-table";
import { RunBadge } from "../run-badge";
import { HiredAgain } from "./hired-again";
import { Items } from "./items";
import { LiveRun } from "./live-run";
import { Receipt } from "./receipt";
import own from "./run.module.css";
import { RunActions } from "./run-actions";

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
        icon={<KindIcon kind={run.identity.kind} size={28} />}
        title={run.identity.name}
        aside={`O-${run.number}`}
        badges={<RunBadge run={run} at={now()} />}
        actions={<RunActions id={run.id} may={run.may} kind={run.kind} begun={run.begunAt !== null} />}
      />
      <div className={css.page}>
        <Order run={run} />
        <HiredAgain id={run.id} name={run.identity.name} rehires={run.rehires} mayDecide={run.may.rehire} />
        <LiveRun run={factsOf(run)} initial={progress} />
        <Items run={run} />
        <Receipt run={run} mayReadRecord={may(actor, "activity:read")} />
        <Consumers run={run} />
        <Tombstone run={run} />
      </div>
    </>
  );
}

function factsOf(run: OffboardingDetail) {
  return {
    id: run.id,
    kind: run.kind,
    shutAt: run.shutAt.toISOString(),
    sinceAt: (run.kind === "mover" ? run.createdAt : run.shutAt).toISOString(),
    begunAt: run.begunAt?.toISOString() ?? null,
    containBy: run.containBy?.toISOString() ?? null,
    completeBy: run.completeBy?.toISOString() ?? null,
    holdDays: run.holdDays,
    because: run.because,
  };
}

function Order({ run }: { run: OffboardingDetail }) {
  return (
    <>
      <p className={own.order}>
        Ordered <Time at={run.createdAt} as="full" /> by <Isolated value={run.orderedBy} />,{" "}
        {causeLabels[run.cause] ?? run.cause}
        {run.emergency ? ", as an emergency" : ""}.{" "}
        <Link href={`/identities/${run.identity.id}` as Route}>Look at the identity</Link>
      </p>
      {run.reason ? (
        <p className={css.quote}>
          <Isolated value={run.reason} />
        </p>
      ) : null}
      {run.because && run.state === "cancelled" ? (
        <p className={css.warning}>
          Undone <Time at={run.cancelledAt ?? run.createdAt} />: <Isolated value={run.because} />
        </p>
      ) : null}
    </>
  );
}

function Consumers({ run }: { run: OffboardingDetail }) {
  if (run.consumers.length === 0) return null;
  return (
    <Panel title="Who called with it before" aside={String(run.consumers.length)} flush>
      <CallersTable label="Who called with it before" callers={run.consumers} />
    </Panel>
  );
}

function Tombstone({ run: { tombstone } }: { run: OffboardingDetail }) {
  if (tombstone === null) return null;
  return (
    <Panel title="Tombstone" aside="what remains of it">
      <p>
        <Isolated value={tombstone.name} /> was destroyed <Time at={tombstone.at} as="full" />. Owner:{" "}
        {tombstone.owner ? <Isolated value={tombstone.owner} /> : "nobody"}. Purpose:{" "}
        {tombstone.purpose ? <Isolated value={tombstone.purpose} /> : "not said"}.
      </p>
      <p className="dimmed">
        Accounts: <Isolated value={tombstone.accounts.join(", ") || "none"} />. Credentials:{" "}
        <Isolated value={tombstone.credentials.join(", ") || "none"} />.
      </p>
    </Panel>
  );
}
