"use client";

import "@/components/inputs.css";
import { Button, Textarea } from "@mantine/core";
import type { Route } from "next";
import { useRouter } from "next/navigation";
import { useState, useTransition } from "react";
import css from "@/components/access/access.module.css";
import { DurationChips } from "@/components/access/duration-chips";
import { isoDuration } from "@/components/access/duration-words";
import { ConfirmModal } from "@/components/confirm-modal";
import { ErrorNote } from "@/components/error-note";
import type { Refusal } from "@/lib/errors";
import { durationWords } from "@/lib/grants/labels";
import { extend } from "./actions";

/** Asks for more time while a grant lasts; it takes the same approvals, and leaves no gap. */
export function ExtendGrant({ id, name }: { id: string; name: string }) {
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  const [seconds, setSeconds] = useState(3_600);
  const [reason, setReason] = useState("");
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, startWork] = useTransition();

  function carryOut() {
    startWork(async () => {
      const answer = await extend({ grantId: id, duration: isoDuration(seconds), reason });
      if (!answer.ok) return setRefusal(answer.refusal);
      setAsking(false);
      router.push(`/requests/${answer.value.id}` as Route);
    });
  }

  return (
    <>
      <Button variant="default" size="compact-sm" aria-label={`Extend ${name}`} onClick={() => setAsking(true)}>
        Extend…
      </Button>
      <ConfirmModal
        opened={asking}
        onClose={() => setAsking(false)}
        onConfirm={carryOut}
        busy={busy}
        title={`More time for ${name}`}
        confirmLabel={`Ask for ${durationWords(seconds)} more`}
        error={
          refusal ? <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} /> : null
        }
      >
        <div className={css.form}>
          <DurationChips
            legend="How much longer"
            choices={[1_800, 3_600, 14_400, 28_800]}
            value={seconds}
            onChange={setSeconds}
          />
          <Textarea
            label="Reason"
            rows={2}
            required
            maxLength={4_000}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        </div>
      </ConfirmModal>
    </>
  );
}
