import { IconCircleMinus } from "@tabler/icons-react";
import type { Metadata, Route } from "next";
import Link from "next/link";
import css from "@/components/access/access.module.css";
import { ActButton } from "@/components/act-button";
import { Isolated } from "@/components/isolated";
import { PageHeader } from "@/components/page-header";
import { Panel } from "@/components/panel";
import { PlainTable } from "@/components/plain-table";
import { RefusalNote } from "@/components/refusal-note";
import { Badge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { may } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { getPolicies, type PolicySetView } from "@/lib/policies/queries";
import { listCatalogueSystems } from "@/lib/requests/catalogue-queries";
import { attempt } from "../attempt";
import { load } from "./actions";
import { Simulate } from "./simulate";

export const metadata: Metadata = { title: "Policies" };

type Props = { searchParams: Promise<{ version?: string | string[] }> };

export default async function PoliciesPage({ searchParams }: Props) {
  const actor = await requireActor();
  const { version } = await searchParams;
  const asked = typeof version === "string" && /^\d{1,9}$/.test(version) ? Number(version) : undefined;
  const read = await attempt(() =>
    Promise.all([
      getPolicies(actor, { version: asked }),
      may(actor, "policy:simulate") ? listCatalogueSystems(actor).then((all) => all.map(({ name }) => name)) : [],
    ]),
  );
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const [set, systems] = read.value;
  return (
    <>
      <PageHeader
        title="Policies"
        aside={`version ${set.version}`}
        badges={
          set.version === set.current ? null : (
            <Badge tone="grey" icon={IconCircleMinus}>
              not in force; version {set.current} is
            </Badge>
          )
        }
        actions={
          may(actor, "policy:load") ? (
            <ActButton act={load} input={{}}>
              Load from the files now
            </ActButton>
          ) : undefined
        }
      />
      <div className={css.page}>
        <p className="dimmed">
          {set.source === "default" ? "Those that come with Rollcall" : "From the installation's folder"}, loaded{" "}
          <Time at={set.loadedAt} /> by <Isolated value={set.loadedBy} />.
        </p>
        <Refused refused={set.refused} current={set.current} />
        {may(actor, "policy:simulate") ? <Simulate files={set.files} systems={systems} /> : null}
        <Policies set={set} />
        {set.files.map((file) => (
          <Panel key={file.name} title={file.name} flush>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
            <pre className={css.code} tabIndex={0}>
              {file.text}
            </pre>
          </Panel>
        ))}
        <Versions set={set} />
      </div>
    </>
  );
}

function Refused({ refused, current }: { refused: PolicySetView["refused"]; current: number }) {
  if (!refused) return null;
  return (
    <section className={css.danger} aria-label="Refused files">
      <p>
        <strong>
          The files as they are now were refused <Time at={refused.at} />; version {current} stays in force.
        </strong>
      </p>
      <ul>
        {refused.faults.map((fault) => (
          <li key={`${fault.file} ${fault.line} ${fault.message}`}>
            <span className="mono">
              {fault.file}
              {fault.line === null ? "" : `:${fault.line}`}
              {fault.column === null ? "" : `:${fault.column}`}
            </span>{" "}
            <Isolated value={fault.message} /> {fault.help}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Policies({ set }: { set: PolicySetView }) {
  return (
    <Panel title="What they say" aside={`${set.policies.length} policies`} flush>
      <PlainTable
        label="Policies"
        columns={[
          { key: "id", label: "Policy" },
          { key: "effect", label: "Effect", keep: true },
          { key: "because", label: "In words" },
          { key: "approval", label: "Approval", keep: true },
          { key: "at", label: "At", end: true, keep: true },
        ]}
        rows={set.policies.map((policy) => ({
          key: policy.id,
          cells: {
            id: <span className="mono">{policy.id}</span>,
            effect: policy.effect === "permit" ? "allows" : "forbids",
            because: policy.because ?? <span className="dimmed">not said</span>,
            approval: policy.approval ?? <span className="dimmed">none</span>,
            at: (
              <span className="mono">
                {policy.file}:{policy.line}
              </span>
            ),
          },
        }))}
      />
    </Panel>
  );
}

function Versions({ set }: { set: PolicySetView }) {
  return (
    <Panel title="Versions" flush>
      <ul className={css.rows}>
        {set.versions.map((it) => (
          <li key={it.version} className={css.row}>
            <Link href={`/policies?version=${it.version}` as Route} className={css.grow}>
              Version {it.version}
            </Link>
            <span className="dimmed">
              <Time at={it.loadedAt} /> by <Isolated value={it.loadedBy} />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
