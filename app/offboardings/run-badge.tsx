import { StatusBadge } from "@/components/status-badge";
import type { RunKind } from "@/lib/offboarding/schema";
import type { OffboardingState } from "@/lib/offboarding/states";

type Run = { state: OffboardingState; kind: RunKind; shutAt: Date };

/** Where a run stands; of a machine that is not shut yet, that it is announced, and of a mover, that it ends later. */
export function RunBadge({ run: { state, kind, shutAt }, at }: { run: Run; at: Date }) {
  const announced = shutAt > at && (state === "executing" || state === "verifying");
  return (
    <StatusBadge of="offboarding" state={state}>
      {announced ? (kind === "mover" ? "Ends later" : "Announced") : undefined}
    </StatusBadge>
  );
}
