import type { RunKind } from "@/lib/offboarding/schema";

/** What stays as it is while a run goes. Times as ISO. */
export type RunFacts = {
  id: string;
  kind: RunKind;
  shutAt: string;
  /** From when its times are counted. */
  sinceAt: string;
  begunAt: string | null;
  containBy: string | null;
  completeBy: string | null;
  holdDays: number | null;
  because: string | null;
};
