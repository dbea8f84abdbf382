import type { Metadata, Route } from "next";
import Link from "next/link";
import css from "@/components/access/access.module.css";
import { GrantBadge } from "@/components/access/grant-badge";
import { KeepGrantsFresh } from "@/components/access/keep-fresh";
import { What } from "@/components/access/what";
import { ActButton } from "@/components/act-button";
import { Environment } from "@/components/environment";
import { Isolated } from "@/components/isolated";
import { KindIcon } from "@/components/kind-icon";
import { LinkButton } from "@/components/link-button";
import { Name } from "@/components/name";
import { PageHeader } from "@/components/page-header";
import { FactStrip, Panel } from "@/components/panel";
import { Privilege } from "@/components/privilege";
import { Quote } from "@/components/quote";
import { RefusalNote } from "@/components/refusal-note";
import { Badge, StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { may } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { lengthWords } from "@/lib/requests/labels";
import { getRequest, type RequestDetail } from "@/lib/requests/request-queries";
import { attempt } from "../../attempt";
import { cancel, retry } from "../actions";
import { Notes } from "./notes";
import { Review } from "./review";
import { Steps } from "./steps";

type Props = { params: Promise<{ id: string }> };

export const metadata: Metadata = { title: "Request" };

export default async function RequestPage({ params }: Props) {
  const actor = await requireActor();
  const { id } = await params;
  const read = await attempt(() => getRequest(actor, id));
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const request = read.value;
  return (
    <>
      <PageHeader
        breadcrumb={[{ label: "Requests", href: "/requests" }]}
        title={`R-${request.number}`}
        badges={
          <>
            <StatusBadge of="request" state={request.state} />
            {request.breakGlass ? <Badge tone="red">Glass broken</Badge> : null}
            {request.awaitsAnswer ? <Badge tone="amber">Asked back</Badge> : null}
          </>
        }
        actions={<Actions request={request} />}
      />
      <KeepGrantsFresh
        grants={request.grants}
        moving={request.state === "approved"}
        waiting={request.state === "pending" || request.state === "failed"}
      />
      <div className={css.page}>
        <Facts request={request} />
        {request.because && request.state !== "fulfilled" ? <p className={css.warning}>{request.because}</p> : null}
        <div className={css.split}>
          <div className={css.stack}>
            <Items request={request} />
            <Grants request={request} />
            <Notes request={request} />
          </div>
          <div className={css.stack}>
            <Steps request={request} />
            <Review review={request.review} />
            <Decided request={request} seesPolicies={may(actor, "policy:read")} />
          </div>
        </div>
      </div>
    </>
  );
}

function Actions({ request }: { request: RequestDetail }) {
  const { id, number } = request;
  return (
    <>
      {request.may.retry ? (
        <ActButton act={retry} input={{ id }}>
          Try again
        </ActButton>
      ) : null}
      {request.may.cancel ? (
        <ActButton
          act={cancel}
          input={{ id, reason: "" }}
          destructive
          confirm={{
            title: `Take back R-${number}?`,
            effects: [{ what: "Nobody is asked any more" }, { what: "What it gave already ends" }],
            confirmLabel: "Take it back",
          }}
        >
          Take back
        </ActButton>
      ) : null}
      {request.may.decide ? <LinkButton href={`/inbox/${id}` as Route}>Decide</LinkButton> : null}
    </>
  );
}

function Facts({ request }: { request: RequestDetail }) {
  const { requester, subject } = request;
  return (
    <>
      <FactStrip
        facts={[
          {
            label: "For",
            value: (
              <>
                <KindIcon kind={subject.kind} /> <Name value={subject.name} />
              </>
            ),
          },
          { label: "Asked by", value: <Name value={requester.name} /> },
          { label: "Asked", value: <Time at={request.createdAt} /> },
          { label: "How long", value: lengthWords(request) },
          request.extendsGrantId
            ? {
                label: "Of",
                value: (
                  <Link href={`/grants/${request.extendsGrantId}` as Route} prefetch={false}>
                    what is held now
                  </Link>
                ),
              }
            : { label: "Start", value: request.startsAt ? <Time at={request.startsAt} /> : "when approved" },
          {
            label: "Given as",
            value: request.give === "credential" ? "short-lived credential" : "access of an own account",
          },
          { label: "Ticket", value: request.ticket ? <Name value={request.ticket} mono /> : "none" },
          ...(request.state === "pending"
            ? [{ label: "Waits at most until", value: <Time at={request.expiresAt} /> }]
            : []),
        ]}
      />
      <Quote value={request.reason} />
    </>
  );
}

function Items({ request }: { request: RequestDetail }) {
  return (
    <Panel title="What is asked for" flush>
      <ul className={css.rows}>
        {request.items.map((item) => (
          <li key={item.id} className={css.row}>
            <span className={css.grow}>
              <What permission={item.permission} resource={item.resource} connection={item.connection.name} />
              {item.account ? (
                <span className="dimmed">
                  {" "}
                  to the account <Isolated value={item.account} />
                </span>
              ) : null}
            </span>
            {item.droppedBy ? (
              <span className="dimmed">
                left out by <Isolated value={item.droppedBy} />
              </span>
            ) : null}
            <Privilege level={item.privilege} />
            <Environment value={environmentOf(item.connection.environment)} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function environmentOf(text: string) {
  return text === "production" || text === "staging" || text === "development" ? text : null;
}

function Grants({ request }: { request: RequestDetail }) {
  if (request.grants.length === 0) return null;
  return (
    <Panel title="What it gave" flush>
      <ul className={css.rows}>
        {request.grants.map((grant) => (
          <li key={grant.id} className={css.row}>
            <Link href={`/grants/${grant.id}` as Route} className={css.grow}>
              <What permission={grant.permission} resource={grant.resource.name} connection={grant.connection.name} />
            </Link>
            {grant.lastError && grant.state !== "active" ? (
              <span className="dimmed">
                {grant.lastError.message}. {grant.lastError.remedy}
              </span>
            ) : null}
            <GrantBadge state={grant.state} endsAt={grant.endsAt} endedBecause={grant.endedBecause} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Decided({ request, seesPolicies }: { request: RequestDetail; seesPolicies: boolean }) {
  const version = `version ${request.policyVersion}`;
  return (
    <Panel
      title="Policies"
      aside={
        seesPolicies ? <Link href={`/policies?version=${request.policyVersion}` as Route}>{version}</Link> : version
      }
    >
      {request.policies.map((policy) => (
        <p key={policy.id}>
          <span className="mono">{policy.id}</span> {policy.because}
        </p>
      ))}
    </Panel>
  );
}
