import type { Metadata, Route } from "next";
import Link from "next/link";
import css from "@/components/access/access.module.css";
import { KindIcon } from "@/components/kind-icon";
import { LinkButton } from "@/components/link-button";
import { Name } from "@/components/name";
import { PageHeader } from "@/components/page-header";
import { Panel } from "@/components/panel";
import { PlainTable } from "@/components/plain-table";
import { RefusalNote } from "@/components/refusal-note";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { requireActor } from "@/lib/auth/current-actor";
import { listOffboardings, type OffboardingRow } from "@/lib/offboarding/queries";
import { attempt } from "../attempt";

export const metadata: Metadata = { title: "Leaving" };

type Props = { searchParams: Promise<{ cursor?: string; open?: string }> };

export default async function OffboardingsPage({ searchParams }: Props) {
  const actor = await requireActor();
  const { cursor = null, open } = await searchParams;
  const read = await attempt(() => listOffboardings(actor, { cursor, open: open === "true", limit: 50 }));
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const { items, nextCursor } = read.value;
  return (
    <>
      <PageHeader
        title="Leaving"
        actions={
          <LinkButton href="/offboardings/new" variant="filled">
            Somebody leaves
          </LinkButton>
        }
      />
      <div className={css.page}>
        <Panel
          title="Runs"
          aside="newest first"
          flush
          action={
            <Link href={(open === "true" ? "/offboardings" : "/offboardings?open=true") as Route}>
              {open === "true" ? "Show all" : "Only open ones"}
            </Link>
          }
        >
          {items.length === 0 ? <p className={css.note}>Nobody has left yet.</p> : <Runs items={items} />}
        </Panel>
        {nextCursor ? <Link href={`/offboardings?cursor=${nextCursor}` as Route}>Older ones</Link> : null}
      </div>
    </>
  );
}

function Runs({ items }: { items: readonly OffboardingRow[] }) {
  return (
    <PlainTable
      label="Runs"
      columns={[
        { key: "run", label: "Run" },
        { key: "who", label: "Who" },
        { key: "state", label: "State" },
        { key: "shut", label: "Proven shut" },
        { key: "steps", label: "Gone", end: true },
        { key: "open", label: "Left behind", end: true },
        { key: "at", label: "Ordered" },
      ]}
      rows={items.map((run) => ({
        key: run.id,
        cells: {
          run: (
            <Link href={`/offboardings/${run.id}` as Route} className="mono">
              O-{run.number}
            </Link>
          ),
          who: (
            <span className={css.what}>
              <KindIcon kind={run.identity.kind} /> <Name value={run.identity.name} />
            </span>
          ),
          state: <StatusBadge of="offboarding" state={run.state} />,
          shut: run.containedAt ? <Time at={run.containedAt} /> : "not yet",
          steps: `${run.gone} of ${run.steps}`,
          open: run.openItems,
          at: <Time at={run.createdAt} />,
        },
      }))}
    />
  );
}
