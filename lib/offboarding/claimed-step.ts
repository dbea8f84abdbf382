import type { AccountRef } from "../connectors/provisioning";
import type { RunKind, StepKind } from "./schema";
import type { StepState } from "./states";

/** A step as one worker has it now. */
export type ClaimedStep = {
  id: string;
  offboardingId: string;
  kind: StepKind;
  wanted: "gone" | "back";
  state: StepState;
  name: string;
  contains: boolean;
  detail: string;
  /** When it was first proven; asked again later, that stays. */
  verifiedAt: Date | null;
  changed: boolean;
  attempts: number;
  connectionId: string | null;
  accountId: string | null;
  account: AccountRef | null;
  groupId: string | null;
  entitlementId: string | null;
  grantId: string | null;
  claim: string;
  runKind: RunKind;
  /** Taken over from a worker that may yet wake up. */
  takenOver: boolean;
};
