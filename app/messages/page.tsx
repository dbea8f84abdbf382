import type { Metadata, Route } from "next";
import Link from "next/link";
import { ActButton } from "@/components/act-button";
import { EmptyState } from "@/components/empty-state";
import { LinkButton } from "@/components/link-button";
import { PageHeader } from "@/components/page-header";
import { Panel } from "@/components/panel";
import { RefusalNote } from "@/components/refusal-note";
import { may } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { stateLabels } from "@/lib/messages/labels";
import { listChannels, listDeliveries } from "@/lib/messages/queries";
import { mailPossible } from "@/lib/messages/send-mail";
import { deliveryStates } from "@/lib/messages/states";
import { attempt } from "../attempt";
import { test } from "./actions";
import { ChannelTable } from "./channel-table";
import { DeliveryTable } from "./delivery-table";
import css from "./messages.module.css";
import { addressOf, type MessageSearch, searchOf } from "./search";

export const metadata: Metadata = { title: "Messages" };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function MessagesPage({ searchParams }: Props) {
  const actor = await requireActor();
  const search = searchOf(await searchParams);
  const filters = { limit: 50, cursor: search.cursor, state: search.state, channelId: search.channel };
  const read = await attempt(async () => ({
    channels: await listChannels(actor),
    deliveries: await listDeliveries(actor, filters),
  }));
  const mayConfigure = may(actor, "message:configure");
  const add = mayConfigure ? <LinkButton href="/messages/channels/new">Add a channel</LinkButton> : null;
  if (!read.ok) {
    return (
      <>
        <PageHeader title="Messages" />
        <div className={css.page}>
          <RefusalNote refusal={read.refusal} />
        </div>
      </>
    );
  }
  const { channels, deliveries } = read.value;
  const named = channels.find((channel) => channel.id === search.channel);
  return (
    <>
      <PageHeader title="Messages" actions={add} />
      <div className={css.page}>
        <MailPanel canTest={mayConfigure && actor.email !== null} />
        <Panel title="Channels" aside={String(channels.length)} flush={channels.length > 0 ? true : undefined}>
          {channels.length > 0 ? (
            <ChannelTable channels={channels} mayConfigure={mayConfigure} />
          ) : (
            <p className="dimmed">
              None yet. A channel sends what happens to Slack, Teams, a mailing list, or a program of yours.
            </p>
          )}
        </Panel>
        <Panel
          title="Deliveries"
          aside={named ? `to ${named.name}, of the last 90 days` : "of the last 90 days"}
          action={<States search={search} />}
          flush
        >
          {deliveries.items.length > 0 ? (
            <DeliveryTable deliveries={deliveries.items} mayRetry={may(actor, "message:retry")} />
          ) : (
            <Nothing search={search} />
          )}
          {deliveries.nextCursor ? (
            <p className={css.more}>
              <Link href={addressOf({ ...search, cursor: deliveries.nextCursor }) as Route}>The next fifty</Link>
            </p>
          ) : null}
        </Panel>
      </div>
    </>
  );
}

function MailPanel({ canTest }: { canTest: boolean }) {
  const possible = mailPossible();
  return (
    <Panel
      title="E-mail to people"
      action={
        possible && canTest ? (
          <ActButton act={test} input={{ channelId: null }}>
            Send me a test
          </ActButton>
        ) : undefined
      }
    >
      <p className={possible ? undefined : "dimmed"}>
        {possible
          ? "A mail server is set. People get what concerns them, and choose in My sessions what they want."
          : "No mail server is set, so nobody gets e-mail. Whoever runs Rollcall sets SMTP_URL and MAIL_FROM."}
      </p>
    </Panel>
  );
}

function States({ search }: { search: MessageSearch }) {
  const of = (state: MessageSearch["state"]) => addressOf({ ...search, state, cursor: undefined }) as Route;
  return (
    <nav className={css.states} aria-label="Deliveries by state">
      <Link href={of(undefined)} aria-current={search.state ? undefined : "page"}>
        All
      </Link>
      {deliveryStates.map((state) => (
        <Link key={state} href={of(state)} aria-current={search.state === state ? "page" : undefined}>
          {stateLabels[state]}
        </Link>
      ))}
    </nav>
  );
}

function Nothing({ search }: { search: MessageSearch }) {
  if (search.state || search.channel) {
    return (
      <EmptyState title="No delivery fits these filters" actions={<Link href="/messages">Drop all filters</Link>} />
    );
  }
  return <EmptyState title="Nothing was sent yet">Add a channel and send a test.</EmptyState>;
}
