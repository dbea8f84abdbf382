import type { GrantState } from "@/lib/grants/states";
import { StatusBadge } from "../status-badge";
import { TimeLeft } from "./time-left";

type Props = { state: GrantState; endsAt: string | null; endedBecause?: string | null };

/** The state of a grant; of an active one with the time that is left. */
export function GrantBadge({ state, endsAt, endedBecause }: Props) {
  if (state === "active" && endsAt !== null)
    return (
      <StatusBadge of="grant" state="active">
        Active, <TimeLeft endsAt={endsAt} />
      </StatusBadge>
    );
  if (state === "ended" && endedBecause === "never_active")
    return (
      <StatusBadge of="request" state="withdrawn">
        Never begun
      </StatusBadge>
    );
  return <StatusBadge of="grant" state={state} />;
}
