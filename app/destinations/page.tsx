import type { Metadata, Route } from "next";
import Link from "next/link";
import { LinkButton } from "@/components/link-button";
import { PageHeader } from "@/components/page-header";
import { Panel } from "@/components/panel";
import { RefusalNote } from "@/components/refusal-note";
import { Time } from "@/components/time";
import { listDestinations } from "@/lib/audit/destination-queries";
import { may } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { countWords } from "@/lib/restoration/labels";
import { listRestorations } from "@/lib/restoration/queries";
import { attempt } from "../attempt";
import { DestinationTable } from "./destination-table";
import css from "./destinations.module.css";

export const metadata: Metadata = { title: "Where the record is kept" };

const breadcrumb = [{ label: "Activity", href: "/activity" as Route }];

/** The places outside the database: what gets checkpoints, what gets events, and how far each has come. */
export default async function DestinationsPage() {
  const actor = await requireActor();
  const read = await attempt(() => Promise.all([listDestinations(actor), listRestorations(actor)]));
  const mayConfigure = may(actor, "record:configure");
  const add = mayConfigure ? <LinkButton href={"/destinations/new" as Route}>Add a destination</LinkButton> : null;
  if (!read.ok)
    return (
      <>
        <PageHeader title="Where the record is kept" breadcrumb={breadcrumb} />
        <div className={css.page}>
          <RefusalNote refusal={read.refusal} />
        </div>
      </>
    );
  const [destinations, restorations] = read.value;
  const anchors = destinations.filter((one) => one.carries === "checkpoints");
  const journals = destinations.filter((one) => one.carries === "endings");
  const streams = destinations.filter((one) => one.carries === "events");
  return (
    <>
      <PageHeader title="Where the record is kept" breadcrumb={breadcrumb} actions={add} />
      <div className={css.page}>
        <Panel title="Checkpoints" aside={String(anchors.length)} flush={anchors.length > 0 ? true : undefined}>
          {anchors.length > 0 ? (
            <DestinationTable label="Anchors" destinations={anchors} mayConfigure={mayConfigure} />
          ) : (
            <p className="dimmed">
              None. Nothing outside the database would show that its newest events were cut off, or all of it made anew.
            </p>
          )}
        </Panel>
        <Panel title="Endings" aside={String(journals.length)} flush={journals.length > 0 ? true : undefined}>
          {journals.length > 0 ? (
            <DestinationTable label="Journals" destinations={journals} mayConfigure={mayConfigure} />
          ) : (
            <p className="dimmed">
              None. After a restore from a backup nothing would say what was taken back since, so that it stayed given.
            </p>
          )}
        </Panel>
        {restorations.length > 0 ? (
          <Panel title="Restored from a backup" aside={String(restorations.length)}>
            <ul className={css.plain}>
              {restorations.map((one) => (
                <li key={one.id}>
                  <Link href={`/restorations/${one.id}` as Route}>
                    <Time at={one.noticedAt} as="full" />
                  </Link>
                  : {countWords(one.endings)}
                  {one.seenAt ? "" : ", seen by nobody yet"}
                </li>
              ))}
            </ul>
          </Panel>
        ) : null}
        <Panel title="Events" aside={String(streams.length)} flush={streams.length > 0 ? true : undefined}>
          {streams.length > 0 ? (
            <DestinationTable label="Streams" destinations={streams} mayConfigure={mayConfigure} />
          ) : (
            <p className="dimmed">None. A stream brings every event to a SIEM, over HTTP or syslog.</p>
          )}
        </Panel>
      </div>
    </>
  );
}
