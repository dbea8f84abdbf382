"use client";

import { useState } from "react";
import { IdentityPicker, type Picked } from "@/components/identity-picker";
import { dispositionWords } from "@/lib/offboarding/labels";
import type { OffboardingItemRow } from "@/lib/offboarding/queries";
import { type Disposition, dispositionsOf } from "@/lib/offboarding/schema";
import { dispose } from "../actions";
import { OutcomeForm } from "./outcome-form";

/** What becomes of one thing that is left behind. */
export function DisposeForm({ item, onDone }: { item: OffboardingItemRow; onDone: () => void }) {
  const allowed: readonly Disposition[] = dispositionsOf[item.kind];
  const [disposition, setDisposition] = useState<Disposition>(allowed[0] ?? "keep");
  const [to, setTo] = useState<Picked | null>(null);
  const handsOver = disposition === "hand_over";
  return (
    <OutcomeForm
      choices={allowed.map((value) => ({ value, label: dispositionWords(item.kind, value) }))}
      value={disposition}
      onChange={setDisposition}
      reasonLabel="Why"
      send={(given) => dispose({ id: item.id, disposition, to: handsOver ? (to?.id ?? null) : null, ...given })}
      onDone={onDone}
    >
      {handsOver ? <IdentityPicker label="To whom" picked={to} onPick={setTo} people /> : null}
    </OutcomeForm>
  );
}
