import type { Metadata, Route } from "next";
import Link from "next/link";
import css from "@/components/access/access.module.css";
import { accessWords } from "@/components/access/duration-words";
import { GrantBadge } from "@/components/access/grant-badge";
import { KeepGrantsFresh } from "@/components/access/keep-fresh";
import { ActButton } from "@/components/act-button";
import { ErrorNote } from "@/components/error-note";
import { Isolated } from "@/components/isolated";
import { KindIcon } from "@/components/kind-icon";
import { Name } from "@/components/name";
import { PageHeader } from "@/components/page-header";
import { FactStrip, Panel } from "@/components/panel";
import { Privilege } from "@/components/privilege";
import { Quote } from "@/components/quote";
import { RefusalNote } from "@/components/refusal-note";
import { Badge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { requireActor } from "@/lib/auth/current-actor";
import { driftLabels, durationWords, wayLabels } from "@/lib/grants/labels";
import { type GrantDetail, getGrant } from "@/lib/grants/queries";
import { attempt } from "../../attempt";
import { retry } from "../actions";
import { Collect } from "../collect";
import { Confirm } from "../confirm";
import { MoreTime } from "../more-time";
import { RevokeOne } from "../revoke-one";
import { Receipt } from "./receipt";

export const metadata: Metadata = { title: "Grant" };

export default async function GrantPage({ params }: { params: Promise<{ id: string }> }) {
  const actor = await requireActor();
  const { id } = await params;
  const read = await attempt(() => getGrant(actor, id));
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const grant = read.value;
  const name = accessWords({ permission: grant.permission, resource: grant.resource.name });
  return (
    <>
      <PageHeader
        breadcrumb={[{ label: "Grants", href: "/grants" }]}
        title={name}
        aside={`in ${grant.connection.name}`}
        badges={
          <>
            <GrantBadge state={grant.state} endsAt={grant.endsAt} endedBecause={grant.endedBecause} />
            {grant.breakGlass ? <Badge tone="red">Glass broken</Badge> : null}
            {grant.drift ? <Badge tone="amber">{driftLabels[grant.drift]}</Badge> : null}
          </>
        }
        actions={<Actions grant={grant} name={name} />}
      />
      <KeepGrantsFresh grants={[grant]} />
      <div className={css.page}>
        <Facts grant={grant} />
        <Trouble grant={grant} />
        {grant.endedWords ? <Quote value={grant.endedWords} /> : null}
        {grant.may.confirm && grant.confirmBy ? <Confirm id={grant.id} by={grant.confirmBy} /> : null}
        {grant.may.collect ? <Collect id={grant.id} title="Credential" again={grant.deliveredAt !== null} /> : null}
        <Receipt receipt={grant.receipt} />
        <Others grant={grant} />
        <Tasks grant={grant} />
      </div>
    </>
  );
}

function Actions({ grant, name }: { grant: GrantDetail; name: string }) {
  return (
    <>
      {grant.may.retry ? (
        <ActButton act={retry} input={{ id: grant.id }}>
          Try again now
        </ActButton>
      ) : null}
      {grant.may.extend ? <MoreTime grant={grant} name={name} /> : null}
      {grant.may.revoke ? <RevokeOne id={grant.id} name={name} /> : null}
    </>
  );
}

function Facts({ grant }: { grant: GrantDetail }) {
  return (
    <FactStrip
      facts={[
        {
          label: "Held by",
          value: (
            <>
              <KindIcon kind={grant.subject.kind} />
              <Link href={`/identities/${grant.subject.id}` as Route}>
                <Name value={grant.subject.name} />
              </Link>
            </>
          ),
        },
        {
          label: "Account there",
          value: grant.account ? <Name value={grant.account.name} mono /> : "not made yet",
        },
        { label: "Given as", value: wayLabels[grant.give] },
        { label: "Privilege", value: <Privilege level={grant.privilege} /> },
        {
          label: "Request",
          value: grant.requestId ? (
            <Link href={`/requests/${grant.requestId}` as Route} className="mono">
              R-{grant.requestNumber}
            </Link>
          ) : (
            "none"
          ),
        },
        { label: "For", value: durationWords(grant.durationSeconds) },
        {
          label: "Began",
          value: grant.activatedAt ? (
            <Time at={grant.activatedAt} />
          ) : (
            <>
              planned <Time at={grant.startsAt} />
            </>
          ),
        },
        {
          label: grant.endedAt ? "Proven gone" : "Ends",
          value: grant.endedAt ? (
            <Time at={grant.endedAt} />
          ) : grant.endsAt ? (
            <Time at={grant.endsAt} />
          ) : (
            "counted from the activation"
          ),
        },
      ]}
    />
  );
}

function Trouble({ grant }: { grant: GrantDetail }) {
  if (!grant.lastError || !["activation_failed", "ending_failed", "activating", "ending"].includes(grant.state))
    return null;
  return (
    <ErrorNote
      title={`${grant.connection.name}: ${grant.lastError.message}`}
      remedy={grant.lastError.remedy}
      actions={
        <span>
          {grant.attempts} {grant.attempts === 1 ? "try" : "tries"}
          {grant.nextTryAt ? (
            <>
              , the next <Time at={grant.nextTryAt} />
            </>
          ) : (
            ", none more by itself"
          )}
        </span>
      }
    />
  );
}

function Others({ grant }: { grant: GrantDetail }) {
  if (grant.others.length === 0) return null;
  return (
    <Panel title="Also kept by" aside="while one of these lasts, nothing is taken">
      {grant.others.map((other) => (
        <p key={other.id}>
          <Link href={`/grants/${other.id}` as Route}>another grant</Link>
          {other.endsAt ? (
            <>
              , ends <Time at={other.endsAt} />
            </>
          ) : null}
        </p>
      ))}
    </Panel>
  );
}

function Tasks({ grant }: { grant: GrantDetail }) {
  if (grant.tasks.length === 0) return null;
  return (
    <Panel title="Done by hand" flush>
      <ul className={css.rows}>
        {grant.tasks.map((task) => (
          <li key={task.id} className={css.row}>
            <span className={css.grow}>
              {task.kind === "give" ? "Give" : "Take"}
              {task.doneAt ? (
                <>
                  , done by <Isolated value={task.doneBy} />: <Isolated value={task.evidence} />
                </>
              ) : task.cancelledAt ? (
                ", not needed any more"
              ) : (
                <>
                  , waits for <Isolated value={task.assignee ?? "security"} />
                </>
              )}
            </span>
            <Time at={task.doneAt ?? task.cancelledAt ?? task.askedAt} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
