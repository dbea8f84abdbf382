import type { Metadata, Route } from "next";
import Link from "next/link";
import css from "@/components/access/access.module.css";
import { Count } from "@/components/count";
import { EmptyState } from "@/components/empty-state";
import { Isolated } from "@/components/isolated";
import { LinkButton } from "@/components/link-button";
import { PageHeader } from "@/components/page-header";
import { Panel } from "@/components/panel";
import { RefusalNote } from "@/components/refusal-note";
import { Time } from "@/components/time";
import { requireActor } from "@/lib/auth/current-actor";
import { listHandTasks } from "@/lib/grants/queries";
import { listHanded } from "@/lib/offboarding/handed-queries";
import { countDesk, listWaitingRuns } from "@/lib/offboarding/waiting-queries";
import { listDelegations, listInbox, listQuestions } from "@/lib/requests/inbox-queries";
import { listReviews } from "@/lib/requests/review-queries";
import { attempt } from "../attempt";
import { Handed } from "./handed";
import { InboxList } from "./inbox-list";
import { Leaving } from "./leaving";
import { ReviewForm } from "./review-form";
import { StandIn } from "./stand-in";
import { TaskForm } from "./task-form";

export const metadata: Metadata = { title: "Waiting for me" };

type Props = { searchParams: Promise<{ after?: string | string[] }> };

export default async function InboxPage({ searchParams }: Props) {
  const actor = await requireActor();
  const { after } = await searchParams;
  const cursor = typeof after === "string" ? after : undefined;
  const read = await attempt(() =>
    Promise.all([
      listInbox(actor, { limit: 50, cursor }),
      countDesk(actor),
      listQuestions(actor),
      listReviews(actor),
      listHandTasks(actor),
      listDelegations(actor),
      listWaitingRuns(actor),
      listHanded(actor),
    ]),
  );
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const [inbox, count, questions, reviews, tasks, delegations, leaving, handed] = read.value;
  const nothing = inbox.items.length + questions.length + reviews.length + tasks.length + leaving.length === 0;
  return (
    <>
      <PageHeader
        title="Waiting for me"
        aside={count.value > 0 ? <Count value={count.value} capped={count.capped} /> : null}
      />
      <div className={css.page}>
        {nothing ? (
          <EmptyState
            title="Nothing waits for you"
            actions={
              <Link href="/requests" prefetch={false}>
                Look at requests
              </Link>
            }
          >
            Requests that you may decide, break-glass reviews, what leavers left behind and things to do by hand stand
            here when they come.
          </EmptyState>
        ) : null}
        {questions.length > 0 ? (
          <Panel title="Asked back" aside="your answer is waited for" flush>
            <ul className={css.rows}>
              {questions.map((row) => (
                <li key={row.id} className={css.row}>
                  <Link href={`/requests/${row.id}` as Route} className={css.grow}>
                    R-{row.number}: <Isolated value={row.items[0]?.resource} />
                  </Link>
                  <Time at={row.createdAt} />
                </li>
              ))}
            </ul>
          </Panel>
        ) : null}
        {reviews.map((review) => (
          <ReviewForm key={review.id} review={review} />
        ))}
        {inbox.items.length > 0 ? <InboxList rows={inbox.items} /> : null}
        {inbox.nextCursor || cursor ? (
          <div className={css.buttons}>
            {cursor ? (
              <LinkButton href="/inbox" variant="default">
                From the first
              </LinkButton>
            ) : null}
            {inbox.nextCursor ? (
              <LinkButton href={`/inbox?after=${inbox.nextCursor}` as Route} variant="default">
                Next
              </LinkButton>
            ) : null}
          </div>
        ) : null}
        {leaving.length > 0 ? <Leaving runs={leaving} /> : null}
        {tasks.map((task) => (
          <TaskForm key={task.id} task={task} />
        ))}
        <Handed rows={handed} />
        <StandIn delegations={delegations} />
      </div>
    </>
  );
}
