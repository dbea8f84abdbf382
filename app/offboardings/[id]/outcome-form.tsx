"use client";

import "@/components/inputs.css";
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState, useTransition } from "react";
import access from "@/components/access/access.module.css";
import { ErrorNote } from "@/components/error-note";
import type { ActionResult, Refusal } from "@/lib/errors";
import css from "./run.module.css";

type Choice = { value: string; label: string };
type Props<Value extends string> = {
  choices: readonly (Choice & { value: Value })[];
  value: Value;
  onChange: (value: Value) => void;
  /** What is asked for beside the reason: to whom. */
  children?: ReactNode;
  reasonLabel: string;
  /** Sends it: the reason, and until when, which only what is kept has. */
  send: (given: { reason: string; until: string | null }) => Promise<ActionResult<unknown>>;
  onDone: () => void;
};

/** What becomes of something: one of a few outcomes, why, and of what is kept until when. */
export function OutcomeForm<Value extends string>(props: Props<Value>) {
  const { choices, value, onChange, children, reasonLabel, send, onDone } = props;
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState("");
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, startWork] = useTransition();
  const isKept = value === "keep";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    startWork(async () => {
      const end = isKept && until !== "" ? new Date(`${until}T23:59:59Z`).toISOString() : null;
      const answer = await send({ reason, until: end });
      if (answer.ok) onDone();
      else setRefusal(answer.refusal);
    });
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <NativeSelect
        label="What becomes of it"
        value={value}
        onChange={(event) => {
          const chosen = choices.find((it) => it.value === event.currentTarget.value);
          if (chosen) onChange(chosen.value);
        }}
        data={choices.map((it) => ({ value: it.value, label: it.label }))}
      />
      {children}
      <TextInput
        label={reasonLabel}
        value={reason}
        maxLength={1_000}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {isKept ? (
        <TextInput
          type="date"
          label="Until"
          description="At most a year."
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
      ) : null}
      {refusal ? <ErrorNote title={refusal.message} remedy={refusal.remedy} reference={refusal.reference} /> : null}
      <div className={access.buttons}>
        <Button type="submit" size="compact-sm" loading={busy}>
          {choices.find((it) => it.value === value)?.label ?? "So be it"}
        </Button>
      </div>
    </form>
  );
}
