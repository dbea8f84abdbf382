import type { Metadata, Route } from "next";
import { ActButton } from "@/components/act-button";
import { numberWords } from "@/components/count";
import { ErrorNote } from "@/components/error-note";
import { Isolated } from "@/components/isolated";
import { PageHeader } from "@/components/page-header";
import { Panel } from "@/components/panel";
import { RefusalNote } from "@/components/refusal-note";
import { Time } from "@/components/time";
import { may } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { countWords, doubtWords } from "@/lib/restoration/labels";
import { getRestoration } from "@/lib/restoration/queries";
import type { RestorationItem } from "@/lib/restoration/schema";
import { attempt } from "../../attempt";
import { see } from "../actions";
import { EndingTable } from "./ending-table";
import css from "./restoration.module.css";

export const metadata: Metadata = { title: "Restored from a backup" };

const breadcrumb = [{ label: "Where the record is kept", href: "/destinations" as Route }];

/** What an older database had forgotten, and what became of each of it. */
export default async function RestorationPage({ params }: { params: Promise<{ id: string }> }) {
  const actor = await requireActor();
  const { id } = await params;
  const read = await attempt(() => getRestoration(actor, { id }));
  if (!read.ok)
    return (
      <>
        <PageHeader title="Restored from a backup" breadcrumb={breadcrumb} />
        <div className={css.page}>
          <RefusalNote refusal={read.refusal} />
        </div>
      </>
    );
  const { list, ...of } = read.value;
  const total = Object.values(of.endings).reduce((sum, count) => sum + count, 0);
  const shown = total > list.length ? `${numberWords(list.length)} of ${numberWords(total)}` : numberWords(total);
  return (
    <>
      <PageHeader
        title="Restored from a backup"
        breadcrumb={breadcrumb}
        actions={
          of.seenAt === null && of.settledAt !== null && may(actor, "record:configure") ? (
            <ActButton act={see} input={{ id }} variant="filled">
              I have looked at this
            </ActButton>
          ) : undefined
        }
      />
      <div className={css.page}>
        <Doubts of={of} />
        <Panel title="What was found">
          <Facts of={of} />
        </Panel>
        <Panel title="What had been taken back since" aside={shown} flush={list.length > 0 ? true : undefined}>
          {list.length > 0 ? (
            <EndingTable endings={list} />
          ) : (
            <p className="dimmed">Nothing that the journal tells of: only the sessions here were ended.</p>
          )}
        </Panel>
      </div>
    </>
  );
}

function Doubts({ of }: { of: RestorationItem }) {
  const doubts = doubtWords(of.doubts);
  if (!doubts) return null;
  return (
    <ErrorNote
      title="Some lines of the journal were not believed"
      remedy="Look who may write there, and whether another machine's journal is whole: rollcall audit restored --journal FILE."
    >
      <Isolated value={of.source} />: {doubts}. Nothing was done because of them.
    </ErrorNote>
  );
}

function Facts({ of }: { of: RestorationItem }) {
  return (
    <div className={css.facts}>
      <p>
        Found <Time at={of.noticedAt} as="full" />: this database had {numberWords(of.had)} events, and{" "}
        <Isolated value={of.source} mono /> tells of event {numberWords(of.told)}
        {of.toldAt ? (
          <>
            , <Time at={of.toldAt} as="full" />
          </>
        ) : null}
        . So it was restored from an older backup, or lost its newest changes.
      </p>
      <p>
        {numberWords(of.sessionsEnded)} {of.sessionsEnded === 1 ? "session" : "sessions"} and{" "}
        {numberWords(of.linksEnded)} sign-in {of.linksEnded === 1 ? "link" : "links"} of Rollcall itself were ended. Of
        what had been taken back since: <b>{countWords(of.endings)}</b>.
      </p>
      <p className="dimmed">
        What was given after the backup and is still held is not known here: the next syncs show it as unmanaged.
      </p>
      <p className="dimmed">
        {of.seenAt ? (
          <>
            <Isolated value={of.seenBy ?? "Somebody"} /> looked at it <Time at={of.seenAt} as="full" />.
          </>
        ) : of.settledAt ? (
          "Nobody has said yet that they have looked at it."
        ) : (
          "Not everything was tried yet. A worker takes it back again."
        )}
      </p>
    </div>
  );
}
