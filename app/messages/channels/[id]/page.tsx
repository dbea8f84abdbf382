import type { Metadata, Route } from "next";
import Link from "next/link";
import { ActButton } from "@/components/act-button";
import { PageHeader } from "@/components/page-header";
import { Panel } from "@/components/panel";
import { RefusalNote } from "@/components/refusal-note";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { may } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { eventWords, kindLabels } from "@/lib/messages/labels";
import { type ChannelDetail, getChannel } from "@/lib/messages/queries";
import { attempt } from "../../../attempt";
import { remove, test } from "../../actions";
import css from "../../messages.module.css";
import { addressOf } from "../../search";
import { ChannelForm } from "../channel-form";
import { RotateSecret } from "../rotate-secret";

export const metadata: Metadata = { title: "Channel" };

const breadcrumb = [{ label: "Messages", href: "/messages" as Route }];

export default async function ChannelPage({ params }: { params: Promise<{ id: string }> }) {
  const actor = await requireActor();
  const { id } = await params;
  const read = await attempt(() => getChannel(actor, id));
  if (!read.ok) {
    return (
      <>
        <PageHeader title="Channel" breadcrumb={breadcrumb} />
        <div className={css.page}>
          <RefusalNote refusal={read.refusal} />
        </div>
      </>
    );
  }
  const channel = read.value;
  const mayConfigure = may(actor, "message:configure");
  return (
    <>
      <PageHeader
        title={channel.name}
        breadcrumb={breadcrumb}
        badges={<StatusBadge of="channel" state={channel.enabled ? "on" : "off"} />}
        actions={mayConfigure ? <Acts channel={channel} /> : null}
      />
      <div className={css.page}>
        <div className={css.columns}>
          {mayConfigure ? <ChannelForm kind={channel.kind} channel={channel} /> : <Facts channel={channel} />}
          <Panel title={kindLabels[channel.kind]} aside={channel.place}>
            <p>
              <Link href={addressOf({ channel: id, state: undefined, cursor: undefined }) as Route}>
                What was sent here
              </Link>
            </p>
            {channel.previousUntil ? (
              <p>
                The secret was replaced. The one before it signs too until <Time at={channel.previousUntil} as="full" />
                .
              </p>
            ) : null}
            {channel.kind === "webhook" && mayConfigure ? <RotateSecret id={id} /> : null}
          </Panel>
        </div>
      </div>
    </>
  );
}

function Acts({ channel }: { channel: ChannelDetail }) {
  return (
    <>
      {channel.enabled ? (
        <ActButton act={test} input={{ channelId: channel.id }}>
          Send a test
        </ActButton>
      ) : null}
      <ActButton
        act={remove}
        input={{ id: channel.id }}
        destructive
        confirm={{
          title: `Remove the channel ${channel.name}?`,
          effects: [{ what: "1 channel gets nothing any more", detail: channel.place }],
          text: "What waits for it is dropped. What was sent stays in sight.",
          confirmLabel: "Remove 1 channel",
        }}
      >
        Remove…
      </ActButton>
    </>
  );
}

function Facts({ channel }: { channel: ChannelDetail }) {
  return (
    <Panel title="What it gets">
      <ul>
        {channel.events.map((event) => (
          <li key={event}>{eventWords(event)}</li>
        ))}
      </ul>
    </Panel>
  );
}
