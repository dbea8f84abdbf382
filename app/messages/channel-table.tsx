import type { Route } from "next";
import Link from "next/link";
import { ActButton } from "@/components/act-button";
import { Name } from "@/components/name";
import { PlainTable } from "@/components/plain-table";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { kindLabels } from "@/lib/messages/labels";
import type { ChannelRow } from "@/lib/messages/queries";
import { test } from "./actions";
import css from "./messages.module.css";
import { addressOf } from "./search";

const columns = [
  { key: "name", label: "Name" },
  { key: "kind", label: "Kind" },
  { key: "events", label: "Gets", end: true },
  { key: "state", label: "State" },
  { key: "sent", label: "Last sent" },
  { key: "waiting", label: "Waiting", end: true },
  { key: "failed", label: "Failed", end: true },
  { key: "acts", label: "Actions", quiet: true, end: true },
] as const;

/** The channels, what waits for them, and what failed. */
export function ChannelTable({ channels, mayConfigure }: { channels: readonly ChannelRow[]; mayConfigure: boolean }) {
  return (
    <PlainTable
      label="Channels"
      columns={columns}
      rows={channels.map((channel) => ({
        key: channel.id,
        over: !channel.enabled,
        cells: {
          name: (
            <span className={css.two}>
              <Link href={`/messages/channels/${channel.id}` as Route} className={css.strong} prefetch={false}>
                <Name value={channel.name} />
              </Link>
              <span className="dimmed">{channel.place}</span>
            </span>
          ),
          kind: kindLabels[channel.kind],
          events: channel.events.length === 1 ? "1 kind" : `${channel.events.length} kinds`,
          state: <StatusBadge of="channel" state={channel.enabled ? "on" : "off"} />,
          sent: channel.lastSentAt ? <Time at={channel.lastSentAt} /> : <span className="dimmed">nothing yet</span>,
          waiting: <Counted count={channel.waiting} channel={channel.id} state="waiting" />,
          failed: <Counted count={channel.failed} channel={channel.id} state="failed" />,
          acts:
            mayConfigure && channel.enabled ? (
              <ActButton act={test} input={{ channelId: channel.id }} name={`Send a test to ${channel.name}`}>
                Send a test
              </ActButton>
            ) : null,
        },
      }))}
    />
  );
}

function Counted({ count, channel, state }: { count: number; channel: string; state: "waiting" | "failed" }) {
  if (count === 0) return <span className="dimmed">none</span>;
  return <Link href={addressOf({ channel, state, cursor: undefined }) as Route}>{count}</Link>;
}
