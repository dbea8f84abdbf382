"use client";

import "@/components/inputs.css";
import { Button, Checkbox, Textarea } from "@mantine/core";
import { IconFingerprint } from "@tabler/icons-react";
import type { Route } from "next";
import { useRouter } from "next/navigation";
import { type ReactNode, useState, useTransition } from "react";
import css from "@/components/access/access.module.css";
import { DurationChips } from "@/components/access/duration-chips";
import { accessWords, isoDuration } from "@/components/access/duration-words";
import { ErrorNote } from "@/components/error-note";
import { Panel } from "@/components/panel";
import type { Refusal } from "@/lib/errors";
import type { DecisionView } from "@/lib/requests/inbox-queries";
import { lengthWords } from "@/lib/requests/labels";
import { provePresent } from "../../prove-present";
import { begin, decide } from "../actions";

type Props = { view: DecisionView & { seat: NonNullable<DecisionView["seat"]> }; children: ReactNode };

/**
 * The decision: for how long, on what of it, in which words. Only shorter and less, never more. What was checked
 * (`children`) stands between that and the buttons.
 */
export function Decide({ view, children }: Props) {
  const { request, facts, seat, seen, place } = view;
  const router = useRouter();
  const [seconds, setSeconds] = useState(request.durationSeconds);
  const [dropped, setDropped] = useState<readonly string[]>([]);
  const [comment, setComment] = useState("");
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, startWork] = useTransition();
  const items = request.items.filter((item) => item.droppedBy === null);

  function answer(decision: "approve" | "deny" | "ask") {
    setRefusal(null);
    if (decision === "ask" && comment.trim() === "")
      return setRefusal({ code: "invalid", field: "comment", message: "Write what you want to know." });
    startWork(async () => {
      const proved =
        decision === "approve" && seat.needsPasskey ? await provePresent(() => begin({ id: request.id })) : null;
      if (proved?.refusal) return setRefusal(proved.refusal);
      const shorter = seconds < request.durationSeconds ? { duration: isoDuration(seconds) } : {};
      const less = { ...shorter, drop: [...dropped] };
      const proof = proved?.proof ?? undefined;
      const done = await decide({
        id: request.id,
        decision,
        comment,
        seen,
        proof,
        ...(decision === "approve" ? less : {}),
      });
      if (!done.ok) return setRefusal(done.refusal);
      router.push((decision !== "ask" && place?.next ? `/inbox/${place.next}` : "/inbox") as Route);
    });
  }

  return (
    <>
      <Panel
        title="How long"
        action={
          <span className="dimmed">asked for {lengthWords(request, facts.durationSeconds)}, you may shorten</span>
        }
      >
        <div className={css.form}>
          <DurationChips
            legend="Length"
            choices={choicesUpTo(request.durationSeconds)}
            value={seconds}
            onChange={setSeconds}
          />
          <p className="dimmed">
            {request.extendsGrantId
              ? "Counted from the end that it has now; nothing is taken in between."
              : "The clock starts when access starts. It then ends by itself, open sessions are cut."}
          </p>
          {items.length > 1 ? (
            <fieldset className={css.chips}>
              <legend>What of it</legend>
              {items.map((item) => (
                <Checkbox
                  key={item.id}
                  label={accessWords(item)}
                  checked={!dropped.includes(item.id)}
                  onChange={() =>
                    setDropped((now) =>
                      now.includes(item.id) ? now.filter((id) => id !== item.id) : [...now, item.id],
                    )
                  }
                />
              ))}
            </fieldset>
          ) : null}
          <Textarea
            label="In your words"
            description="Whoever asks and the record see it; needed to ask back."
            rows={2}
            maxLength={4_000}
            value={comment}
            onChange={(event) => setComment(event.currentTarget.value)}
            error={refusal?.field === "comment" ? refusal.message : undefined}
          />
          {refusal && refusal.field !== "comment" ? (
            <ErrorNote
              title={refusal.message}
              remedy={refusal.remedy}
              reference={refusal.reference}
              actions={
                refusal.field === "seen" ? (
                  <Button variant="default" onClick={() => router.refresh()}>
                    Look again
                  </Button>
                ) : undefined
              }
            />
          ) : null}
        </div>
      </Panel>
      {children}
      <div className={css.bar}>
        <Button variant="default" onClick={() => answer("ask")} disabled={busy}>
          Ask back
        </Button>
        <Button variant="outline" className={css.destructive ?? ""} onClick={() => answer("deny")} disabled={busy}>
          Deny
        </Button>
        <Button
          onClick={() => answer("approve")}
          loading={busy}
          disabled={dropped.length === items.length}
          leftSection={seat.needsPasskey ? <IconFingerprint size={18} stroke={1.7} aria-hidden /> : undefined}
        >
          Approve {lengthWords(request, seconds)}
        </Button>
      </div>
    </>
  );
}

/** The usual lengths below what was asked for, and that itself. */
function choicesUpTo(asked: number): number[] {
  const usual = [900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400, 604_800].filter((seconds) => seconds < asked);
  return [...usual.slice(-3), asked];
}
