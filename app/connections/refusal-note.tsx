import { ErrorNote } from "@/components/error-note";
import type { Refusal } from "@/lib/errors";

/** Why an act was refused, where no single field says it. */
export function RefusalNote({ refusal }: { refusal: Refusal }) {
  const message = /[.!?]$/.test(refusal.message) ? refusal.message : `${refusal.message}.`;
  return (
    <ErrorNote title="This was not done" remedy={refusal.remedy} reference={refusal.reference}>
      {message.charAt(0).toUpperCase() + message.slice(1)}
    </ErrorNote>
  );
}
