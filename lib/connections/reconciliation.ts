export type Counts = { added: number; changed: number; removed: number };

/** What a reconciliation works on, and when it says that things began and ended. */
export type Reconciliation = {
  runId: string;
  connectionId: string;
  at: Date;
  /** When the reading began. What came or went after it is not in what was read, and is left to the next reading. */
  since: Date;
  /** Notes something that was left out. */
  problem: (message: string, object: string) => void;
};
