import type { UsageCoverage } from "../connectors/contract";
import type { ObservationKind } from "../connectors/schema";
import type { Prisma } from "../db/generated/client";
import type { Staging } from "./stage-observations";

/** A run of a sync with the connection it reads. */
export type Run = Prisma.SyncRunGetPayload<{ include: { connection: true } }>;
/** What one reading of a system has come to so far. */
export type Reading = {
  staging: Staging;
  ended: Set<ObservationKind>;
  coverage: Record<string, UsageCoverage>;
  invisible: object[];
};

/** What is kept of a reading, so that another worker can go on from there. */
export type Checkpoint = {
  cursor: unknown;
  ended: ObservationKind[];
  read: Record<ObservationKind, number>;
  coverage: Record<string, UsageCoverage>;
  invisible: object[];
};

/** `value` as the database takes it: PostgreSQL keeps no NUL in JSON. */
export function jsonOf(value: unknown): Prisma.InputJsonValue {
  return JSON.parse(JSON.stringify(value).replaceAll("\\u0000", "\\ufffd"));
}
