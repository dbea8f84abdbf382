/** What stays as it is while a run goes. Times as ISO. */
export type RunFacts = {
  id: string;
  isMachine: boolean;
  shutAt: string;
  begunAt: string | null;
  containBy: string | null;
  completeBy: string | null;
  holdDays: number | null;
  because: string | null;
};
