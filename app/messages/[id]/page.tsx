import type { Metadata, Route } from "next";
import Link from "next/link";
import { ActButton } from "@/components/act-button";
import { Isolated } from "@/components/isolated";
import { PageHeader } from "@/components/page-header";
import { Panel } from "@/components/panel";
import { RefusalNote } from "@/components/refusal-note";
import { Time } from "@/components/time";
import { may } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { eventWords, kindLabels } from "@/lib/messages/labels";
import { getDelivery } from "@/lib/messages/queries";
import type { DeliveryContent } from "@/lib/messages/schema";
import { attempt } from "../../attempt";
import { giveUp, retry } from "../actions";
import { DeliveryState } from "../delivery-table";
import css from "../messages.module.css";

export const metadata: Metadata = { title: "Delivery" };

const breadcrumb = [{ label: "Messages", href: "/messages" as Route }];

export default async function DeliveryPage({ params }: { params: Promise<{ id: string }> }) {
  const actor = await requireActor();
  const { id } = await params;
  const read = await attempt(() => getDelivery(actor, id));
  if (!read.ok) {
    return (
      <>
        <PageHeader title="Delivery" breadcrumb={breadcrumb} />
        <div className={css.page}>
          <RefusalNote refusal={read.refusal} />
        </div>
      </>
    );
  }
  const delivery = read.value;
  const acts =
    may(actor, "message:retry") && delivery.state !== "sent" ? (
      <>
        <ActButton act={retry} input={{ id }}>
          Try again
        </ActButton>
        {delivery.state === "given_up_by_person" ? null : (
          <ActButton act={giveUp} input={{ id }} destructive>
            Give up
          </ActButton>
        )}
      </>
    ) : null;
  return (
    <>
      <PageHeader title={delivery.subject} breadcrumb={breadcrumb} actions={acts} />
      <div className={css.page}>
        <div className={css.columns}>
          <Panel title="What was sent" aside={kindLabels[delivery.kind]} flush>
            <pre className={css.sent}>{textOf(delivery.content)}</pre>
          </Panel>
          <Panel title="How it went">
            <Facts delivery={delivery} />
          </Panel>
        </div>
      </div>
    </>
  );
}

function Facts({ delivery }: { delivery: Awaited<ReturnType<typeof getDelivery>> }) {
  return (
    <dl className={css.facts}>
      <dt>State</dt>
      <dd>
        <DeliveryState delivery={delivery} />
      </dd>
      <dt>About</dt>
      <dd>{eventWords(delivery.event)}</dd>
      <dt>To</dt>
      <dd>
        <span className={css.two}>
          {delivery.channelId ? (
            <Link href={`/messages/channels/${delivery.channelId}` as Route}>{delivery.channel}</Link>
          ) : null}
          <Isolated value={delivery.to} />
        </span>
      </dd>
      <dt>Tries</dt>
      <dd>{delivery.attempts}</dd>
      <dt>Last answer</dt>
      <dd>
        {delivery.lastStatus === null ? null : <span className="mono">{delivery.lastStatus} </span>}
        <Isolated value={delivery.lastAnswer ?? "none yet"} />
      </dd>
      <dt>Ordered</dt>
      <dd>
        <Time at={delivery.createdAt} as="full" />
      </dd>
      {delivery.sentAt ? (
        <>
          <dt>Sent</dt>
          <dd>
            <Time at={delivery.sentAt} as="full" />
          </dd>
        </>
      ) : (
        <>
          <dt>Given up</dt>
          <dd>
            after <Time at={delivery.giveUpAt} as="full" />
          </dd>
        </>
      )}
      <dt>Id</dt>
      <dd className="mono">{delivery.id}</dd>
    </dl>
  );
}

function textOf(content: DeliveryContent): string {
  return content.as === "mail" ? content.text : JSON.stringify(JSON.parse(content.body), null, 2);
}
