"use client";

import "@/components/inputs.css";
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useState, useTransition } from "react";
import access from "@/components/access/access.module.css";
import { ErrorNote } from "@/components/error-note";
import type { Refusal } from "@/lib/errors";
import { decide } from "../actions";
import css from "./run.module.css";

/** What a person did by hand, or why something stays. */
export function DecideForm({ id, onDone }: { id: string; onDone: () => void }) {
  const [decision, setDecision] = useState<"by_hand" | "keep">("by_hand");
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState("");
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, startWork] = useTransition();
  const carryOut = () =>
    startWork(async () => {
      const end = until === "" ? null : new Date(`${until}T23:59:59Z`).toISOString();
      const answer = await decide({ id, decision, reason, until: end });
      if (answer.ok) onDone();
      else setRefusal(answer.refusal);
    });
  return (
    <div className={css.form}>
      <NativeSelect
        label="What becomes of it"
        value={decision}
        onChange={(event) => setDecision(event.currentTarget.value === "keep" ? "keep" : "by_hand")}
        data={[
          { value: "by_hand", label: "It was done by hand" },
          { value: "keep", label: "It stays for a time" },
        ]}
      />
      <TextInput
        label={decision === "keep" ? "Why" : "What was done, and where it can be seen"}
        value={reason}
        maxLength={1_000}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {decision === "keep" ? (
        <TextInput type="date" label="Until" value={until} onChange={(event) => setUntil(event.currentTarget.value)} />
      ) : null}
      {refusal ? <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} /> : null}
      <div className={access.buttons}>
        <Button size="compact-sm" onClick={carryOut} loading={busy}>
          So be it
        </Button>
      </div>
    </div>
  );
}
