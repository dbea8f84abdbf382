import type { Metadata } from "next";
import { LinkButton } from "@/components/link-button";
import { PageHeader } from "@/components/page-header";
import { RefusalNote } from "@/components/refusal-note";
import type { Actor } from "@/lib/auth/actor";
import { may, reachOf } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { getOverview, getOwnOverview, type Overview } from "@/lib/inventory/overview-queries";
import { countDesk } from "@/lib/offboarding/waiting-queries";
import { listAccessNeeds } from "@/lib/requests/need-queries";
import { getOwnAccess } from "@/lib/requests/own-queries";
import { listUnseenRestorations } from "@/lib/restoration/queries";
import { nowMs } from "@/lib/time";
import { ChangesPanel } from "./_overview/changes-panel";
import { CredentialAgePanel, LastUsePanel } from "./_overview/charts";
import { Figures } from "./_overview/figures";
import { FirstSteps } from "./_overview/first-steps";
import { KindsOverTime } from "./_overview/kinds-over-time";
import { KindsPanel } from "./_overview/kinds-panel";
import { NeedsPanel } from "./_overview/needs-panel";
import css from "./_overview/overview.module.css";
import { OwnOverviewPage } from "./_overview/own-overview";
import { RestoredNote } from "./_overview/restored-note";
import { SystemsPanel } from "./_overview/systems-panel";
import { Today } from "./_overview/today";
import { attempt } from "./attempt";

export const metadata: Metadata = { title: "Overview" };

export default async function OverviewPage() {
  const actor = await requireActor();
  const mayConnect = may(actor, "connection:create");
  const seesAll = reachOf(actor, "identity:read") === "all";
  return (
    <>
      <PageHeader
        title="Overview"
        aside={<Today />}
        actions={
          mayConnect ? (
            <LinkButton href="/connections/new">Connect a system</LinkButton>
          ) : seesAll ? undefined : (
            <LinkButton href="/ask">Ask for access</LinkButton>
          )
        }
      />
      {seesAll ? <Everything actor={actor} /> : <Own actor={actor} />}
    </>
  );
}

async function Own({ actor }: { actor: Actor }) {
  const read = await attempt(() => Promise.all([getOwnOverview(actor), getOwnAccess(actor), countDesk(actor)]));
  return read.ok ? (
    <OwnOverviewPage own={read.value[0]} access={read.value[1]} desk={read.value[2]} />
  ) : (
    <RefusalNote refusal={read.refusal} />
  );
}

async function Everything({ actor }: { actor: Actor }) {
  const restored = may(actor, "activity:read") ? listUnseenRestorations(actor) : [];
  const read = await attempt(() =>
    Promise.all([getOverview(actor), listAccessNeeds(actor), countDesk(actor), restored]),
  );
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const [overview, access, desk, restorations] = read.value;
  return (
    <div className={css.page}>
      <RestoredNote restorations={restorations} />
      {hasReadOnlyItself(overview) ? <FirstSteps mayConnect={may(actor, "connection:create")} /> : null}
      <Figures overview={overview} />
      <div className={css.grid}>
        <NeedsPanel needs={overview.needs} access={access} desk={desk} />
        <KindsPanel overview={overview} />
        <KindsOverTime overview={overview} />
        <LastUsePanel overview={overview} />
        <div className={css.side}>
          <ChangesPanel overview={overview} seesRecord={may(actor, "activity:read")} />
          <CredentialAgePanel overview={overview} />
        </div>
        <div className={css.systemsWide}>
          <SystemsPanel systems={overview.systems} nowMs={nowMs()} />
        </div>
      </div>
    </div>
  );
}

// The product's own database is connected by itself, under its own name.
function hasReadOnlyItself({ systems }: Overview): boolean {
  return systems.length === 0 || (systems.length === 1 && systems[0]?.name === "rollcall");
}
