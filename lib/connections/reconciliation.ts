export type Counts = { added: number; changed: number; removed: number };

/** What a reconciliation works on, and when it says that things began and ended. */
export type Reconciliation = {
  runId: string;
  connectionId: string;
  at: Date;
  /** Notes something that was left out. */
  problem: (message: string, object: string) => void;
};
