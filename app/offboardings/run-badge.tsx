import { StatusBadge } from "@/components/status-badge";
import type { OffboardingState } from "@/lib/offboarding/states";

/** Where a run stands; of a machine that is not shut yet, that it is announced. */
export function RunBadge({ state, shutAt, at }: { state: OffboardingState; shutAt: Date; at: Date }) {
  const announced = shutAt > at && (state === "executing" || state === "verifying");
  return (
    <StatusBadge of="offboarding" state={state}>
      {announced ? "Announced" : undefined}
    </StatusBadge>
  );
}
