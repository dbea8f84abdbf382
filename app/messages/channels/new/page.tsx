import type { Metadata, Route } from "next";
import Link from "next/link";
import { PageHeader } from "@/components/page-header";
import { authorize } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { kindLabels } from "@/lib/messages/labels";
import { channelKinds } from "@/lib/messages/schema";
import { attempt } from "../../../attempt";
import css from "../../messages.module.css";
import { ChannelForm } from "../channel-form";

export const metadata: Metadata = { title: "Add a channel" };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

const breadcrumb = [{ label: "Messages", href: "/messages" as Route }];
const told = {
  email: "Mails to fixed addresses, such as a mailing list.",
  slack: "Into a channel of Slack, by an incoming webhook.",
  teams: "Into a channel of Teams, by a workflow that takes webhooks.",
  webhook: "To a program of yours, signed by Standard Webhooks.",
} as const;

export default async function NewChannelPage({ searchParams }: Props) {
  const actor = await requireActor();
  await attempt(() => authorize(actor, "message:configure"));
  const { kind: wanted } = await searchParams;
  const kind = channelKinds.find((known) => known === wanted);
  return (
    <>
      <PageHeader title={kind ? `Add a channel: ${kindLabels[kind]}` : "Add a channel"} breadcrumb={breadcrumb} />
      <div className={css.page}>
        {kind ? (
          <ChannelForm kind={kind} />
        ) : (
          <div className={css.choices}>
            {channelKinds.map((one) => (
              <Link key={one} className={css.choice} href={`/messages/channels/new?kind=${one}` as Route}>
                <strong>{kindLabels[one]}</strong>
                <span className="dimmed">{told[one]}</span>
              </Link>
            ))}
          </div>
        )}
      </div>
    </>
  );
}
