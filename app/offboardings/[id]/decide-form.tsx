"use client";

import { useState } from "react";
import { decide } from "../actions";
import { OutcomeForm } from "./outcome-form";

const choices = [
  { value: "by_hand", label: "It was done by hand" },
  { value: "keep", label: "It stays for a time" },
] as const;

/** What a person did by hand, or why something stays. */
export function DecideForm({ id, onDone }: { id: string; onDone: () => void }) {
  const [decision, setDecision] = useState<"by_hand" | "keep">("by_hand");
  return (
    <OutcomeForm
      choices={choices}
      value={decision}
      onChange={setDecision}
      reasonLabel={decision === "keep" ? "Why" : "What was done, and where it can be seen"}
      send={(given) => decide({ id, decision, ...given })}
      onDone={onDone}
    />
  );
}
