"use client";

import { Isolated } from "@/components/isolated";
import { Quote } from "@/components/quote";
import "@/components/inputs.css";
import { Button, Textarea } from "@mantine/core";
import type { Route } from "next";
import Link from "next/link";
import { useState, useTransition } from "react";
import css from "@/components/access/access.module.css";
import { ErrorNote } from "@/components/error-note";
import { Panel } from "@/components/panel";
import { Time } from "@/components/time";
import type { Refusal } from "@/lib/errors";
import type { ReviewRow } from "@/lib/requests/review-queries";
import { review as judge } from "./actions";

/** One broken glass: what was taken and why, and the reader's judgement of it. */
export function ReviewForm({ review }: { review: ReviewRow }) {
  const [comment, setComment] = useState("");
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, startWork] = useTransition();
  const say = (opinion: "justified" | "not_justified") =>
    startWork(async () => {
      const answer = await judge({ id: review.id, opinion, comment });
      setRefusal(answer.ok ? null : answer.refusal);
    });
  return (
    <Panel
      title={`${review.subject.name} broke the glass`}
      aside={`${review.given} of ${review.needed} have judged`}
      action={
        <>
          due <Time at={review.dueAt} />
        </>
      }
    >
      <div className={css.form}>
        <p>
          <Link href={`/requests/${review.requestId}` as Route}>R-{review.number}</Link>, <Time at={review.brokenAt} />:{" "}
          <Isolated value={review.items.join("; ")} />
        </p>
        <Quote value={review.reason} />
        <Textarea
          label="What you looked at, and what you think of it"
          rows={2}
          maxLength={4_000}
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
          error={refusal?.field === "comment" ? refusal.message : undefined}
        />
        {refusal && refusal.field !== "comment" ? (
          <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} />
        ) : null}
        <div className={css.buttons}>
          <Button variant="default" onClick={() => say("justified")} loading={busy}>
            It was justified
          </Button>
          <Button
            variant="outline"
            className={css.destructive ?? ""}
            onClick={() => say("not_justified")}
            loading={busy}
          >
            It was not
          </Button>
        </div>
      </div>
    </Panel>
  );
}
