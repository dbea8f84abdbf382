"use client";

import "@/components/inputs.css";
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useState, useTransition } from "react";
import access from "@/components/access/access.module.css";
import { ErrorNote } from "@/components/error-note";
import { IdentityPicker, type Picked } from "@/components/identity-picker";
import type { Refusal } from "@/lib/errors";
import { dispositionWords } from "@/lib/offboarding/labels";
import type { OffboardingItemRow } from "@/lib/offboarding/queries";
import { type Disposition, dispositionsOf } from "@/lib/offboarding/schema";
import { dispose } from "../actions";
import css from "./run.module.css";

/** What becomes of one thing that is left behind. */
export function DisposeForm({ item, onDone }: { item: OffboardingItemRow; onDone: () => void }) {
  const allowed: readonly Disposition[] = dispositionsOf[item.kind];
  const [disposition, setDisposition] = useState<Disposition>(allowed[0] ?? "keep");
  const [to, setTo] = useState<Picked | null>(null);
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState("");
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, startWork] = useTransition();
  const carryOut = () =>
    startWork(async () => {
      const end = until === "" ? null : new Date(`${until}T23:59:59Z`).toISOString();
      const answer = await dispose({ id: item.id, disposition, to: to?.id ?? null, reason, until: end });
      if (answer.ok) onDone();
      else setRefusal(answer.refusal);
    });
  return (
    <div className={css.form}>
      <NativeSelect
        label="What becomes of it"
        value={disposition}
        onChange={(event) => setDisposition(allowed.find((it) => it === event.currentTarget.value) ?? disposition)}
        data={allowed.map((value) => ({ value, label: dispositionWords(item.kind, value) }))}
      />
      {disposition === "hand_over" ? <IdentityPicker label="To whom" picked={to} onPick={setTo} people /> : null}
      <TextInput
        label="Why"
        value={reason}
        maxLength={1_000}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {disposition === "keep" ? (
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
