import { z } from "zod";

export const environments = ["production", "staging", "development"] as const;

/** How a connection may be named: it stands in commands and addresses. */
export const connectionName = z
  .string()
  .trim()
  .min(1, "give the connection a name")
  .max(60, "use at most 60 characters")
  .regex(/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/, "use lower-case letters, digits, dots, hyphens and underscores");

const schedule = z.number().int().min(1).max(10_080).nullable();
const share = z.number().gt(0).max(1);

export const createConnectionInput = z.strictObject({
  name: connectionName,
  connector: z.string().min(1).max(60),
  environment: z.enum(environments).default("production"),
  /** Of the connector's own schema; parsed by it. */
  settings: z.record(z.string(), z.unknown()).default({}),
  /** Of the connector's own schema; encrypted at once, never shown again. */
  secrets: z.record(z.string(), z.unknown()).default({}),
  /** People come from here: its accounts make identities. */
  isIdentitySource: z.boolean().default(false),
  /** Minutes between syncs; null for by hand only. */
  scheduleMinutes: schedule.default(60),
  /** Read now, after it was made. */
  syncNow: z.boolean().default(true),
});
export type CreateConnectionInput = z.input<typeof createConnectionInput>;

export const checkConnectionInput = z.strictObject({
  connector: z.string().min(1).max(60),
  settings: z.record(z.string(), z.unknown()).default({}),
  secrets: z.record(z.string(), z.unknown()).default({}),
  /** Of a connection that exists: secrets that are not given are taken from it. */
  connectionId: z.uuid().optional(),
});
export type CheckConnectionInput = z.input<typeof checkConnectionInput>;

export const editConnectionInput = z.strictObject({
  id: z.uuid(),
  name: connectionName.optional(),
  environment: z.enum(environments).optional(),
  settings: z.record(z.string(), z.unknown()).optional(),
  /** Only those given are replaced. */
  secrets: z.record(z.string(), z.unknown()).optional(),
  isIdentitySource: z.boolean().optional(),
  scheduleMinutes: schedule.optional(),
  /** A person who is active here; null for nobody. */
  ownerId: z.uuid().nullable().optional(),
  /** Pause a sync that would remove more than this share of a kind. */
  brakeKindShare: share.optional(),
  /** Pause a sync that would remove more than this share of all assignments. */
  brakeAssignmentShare: share.optional(),
});
export type EditConnectionInput = z.input<typeof editConnectionInput>;

export const connectionRef = z.strictObject({ id: z.uuid() });
export const runRef = z.strictObject({ runId: z.uuid() });

export const removeConnectionInput = z.strictObject({
  id: z.uuid(),
  /** The connection's name, typed by whoever removes it. */
  confirmName: z.string(),
});

/** What a sync added, changed and removed, by kind. */
export const syncResult = z.record(
  z.string(),
  z.object({ added: z.number(), changed: z.number(), removed: z.number() }),
);
export type SyncResult = z.infer<typeof syncResult>;

/** How far a sync has read: observations so far, by kind, and which kinds are complete. */
export const syncProgress = z.object({
  read: z.record(z.string(), z.number()).default({}),
  ended: z.array(z.string()).default([]),
});
export type SyncProgress = z.infer<typeof syncProgress>;

/** Something that a sync left out. */
export const syncProblem = z.object({
  message: z.string(),
  object: z.string().nullable(),
  remedy: z.string().nullable(),
});
export type SyncProblem = z.infer<typeof syncProblem>;

/** Why the brake stopped a sync: the kinds that would lose too much, with examples. */
export const syncBrake = z.object({
  kinds: z.array(
    z.object({
      kind: z.string(),
      removed: z.number(),
      of: z.number(),
      limitShare: z.number(),
      examples: z.array(z.string()),
    }),
  ),
});
export type SyncBrake = z.infer<typeof syncBrake>;

/** Why a sync failed, in words, with what to do. */
export const syncError = z.object({
  code: z.string(),
  message: z.string(),
  object: z.string().nullable(),
  remedy: z.string().nullable(),
  reference: z.string().nullable(),
});
export type SyncError = z.infer<typeof syncError>;

/** A row of the list of connections. */
export type ConnectionRow = {
  id: string;
  name: string;
  connector: string;
  environment: string;
  status: "new" | "current" | "failing" | "paused";
  isIdentitySource: boolean;
  /** Who answers for the system, and decides on access to it where nothing in it has an owner of its own. */
  owner: { id: string; name: string } | null;
  lastReadAt: Date | null;
  nextSyncAt: Date | null;
  failuresInRow: number;
  accountCount: number;
  unmatchedCount: number;
  coverage: Record<string, { complete: boolean; since: string | null; because: string }>;
};

/** A row of a connection's history of syncs. */
export type SyncRunRow = {
  id: string;
  connectionId: string;
  state: string;
  requestedBy: string;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  progress: SyncProgress;
  result: SyncResult | null;
  brake: SyncBrake | null;
  error: SyncError | null;
  problems: SyncProblem[];
  problemCount: number;
};
