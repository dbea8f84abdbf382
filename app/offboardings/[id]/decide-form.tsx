"use client";

import { useState } from "react";
import { decide } from "../actions";
import { OutcomeForm } from "./outcome-form";

const choices = [
  { value: "by_hand", label: "It was done by hand" },
  { value: "keep", label: "It stays for a time" },
] as const;

/** What a person did by hand, or why something stays. */
export function DecideForm({ id, only, onDone }: { id: string; only?: "by_hand" | "keep"; onDone: () => void }) {
  const [decision, setDecision] = useState<"by_hand" | "keep">(only ?? "by_hand");
  return (
    <OutcomeForm
      choices={only ? choices.filter(({ value }) => value === only) : choices}
      value={decision}
      onChange={setDecision}
      reasonLabel={decision === "keep" ? "Why" : "What was done, and where it can be seen"}
      send={(given) => decide({ id, decision, ...given })}
      onDone={onDone}
    />
  );
}
