import { Isolated } from "@/components/isolated";
import { Panel } from "@/components/panel";
import { Time } from "@/components/time";
import type { RequestDetail } from "@/lib/requests/request-queries";

/** What was judged of a break-glass afterwards, and by whom. */
export function Review({ review }: { review: RequestDetail["review"] }) {
  if (!review) return null;
  return (
    <Panel
      title="Judged afterwards"
      aside={`${review.opinions.length} of ${review.needed}`}
      action={
        review.closedAt ? (
          review.outcome === "justified" ? (
            "justified"
          ) : (
            "not justified"
          )
        ) : (
          <>
            due <Time at={review.dueAt} />
          </>
        )
      }
    >
      {review.opinions.length === 0 ? <p className="dimmed">Nobody has judged it yet.</p> : null}
      {review.opinions.map((it) => (
        <p key={it.by}>
          <strong>
            <Isolated value={it.by} />
          </strong>
          : {it.opinion === "justified" ? "justified" : "not justified"}. <Isolated value={it.comment} />
        </p>
      ))}
    </Panel>
  );
}
