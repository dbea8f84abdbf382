import type { Readable } from "node:stream";
import type { z } from "zod";
import type { Provisioning } from "./provisioning";
import type { Observation, ObservationKind } from "./schema";

/** What a verb is called with. */
export type Context<Settings, Secrets> = {
  settings: Settings;
  secrets: Secrets;
  /** Aborted when the caller gives up or a deadline passes; every wait of a connector ends with it. */
  signal: AbortSignal;
  /** Of `read`: the cursor of the last checkpoint, when an interrupted read is taken up again. */
  cursor?: unknown;
  /** The time now, from the product's clock. */
  now: Date;
};

/** What `check` found, in words a person reads. */
export type CheckResult = {
  /** The system as it names itself: "PostgreSQL 16.4 at db1:5432". */
  system: string;
  /** As whom we are signed in there. */
  as: string;
  /** What we can see, a line each. */
  sees: string[];
  /** What stays invisible to us, why, and what would change that. Empty is a claim: we see everything. */
  cannotSee: { what: string; because: string; remedy: string }[];
  /** Of a connector that changes the system: what this connection can give and take, a line each, and what it cannot. */
  gives?: string[];
  cannotGive?: { what: string; because: string; remedy: string }[];
};

/**
 * A part of a read. Observations of any kinds may be mixed; a kind is reconciled only after its `ended` came, so that a
 * read that dies half way removes nothing.
 */
export type ReadEvent =
  | { type: "observations"; items: Observation[] }
  | { type: "ended"; kind: ObservationKind }
  /** Everything before this is kept; an interrupted read begins again here. */
  | { type: "checkpoint"; cursor: unknown }
  /** Something that was left out, named, with what to do. The read goes on. */
  | { type: "problem"; message: string; object?: string; remedy?: string }
  /** What is known of use from this system; without it, last use is unknown. */
  | { type: "coverage"; coverage: UsageCoverage }
  /** The same as `CheckResult.cannotSee`, learnt while reading. */
  | { type: "invisible"; what: string; because: string; remedy: string };

/**
 * How far a source can tell of use. `complete` from `since`: whoever is not seen since then was not used. Otherwise the
 * reader is told `because` and no use is ever called absent.
 */
export type UsageCoverage = {
  subject: "account" | "credential" | "entitlement";
  complete: boolean;
  /** Start of what was observed; null when nothing is. */
  since: Date | null;
  because: string;
};

/** That an account (and perhaps a credential) was used, perhaps on a resource. */
export type UsageEvent = {
  account: string;
  credential?: { kind: string; externalId: string };
  resource?: { type: string; externalId: string };
  permission?: string;
  at: Date;
  from?: string;
  uses?: number;
};

/** A resource as far as an evaluator needs it. `attributes` is what the connector itself observed. */
export type ResourceFact = { type: string; externalId: string; name: string; attributes: Record<string, unknown> };

/** One step of the instructions for a least-privilege account, with the exact text to run. */
export type SetupStep = { text: string; code?: string };

/** How the columns of a file become observations; saved with the connection. */
export type FileMapping = Record<string, unknown>;

/** What a first look at a file shows before anything is imported. */
export type FilePreview = {
  mapping: FileMapping;
  columns: string[];
  rows: string[][];
  observations: Observation[];
  problems: string[];
};

/** A file to be read once, as it streams by. `size` in bytes where it is known. */
export type SourceFile = { name: string; stream: Readable; size: number | null };

/**
 * One kind of system. A connector implements only what it can do; its capabilities are the methods that are there.
 * It talks to the configured host only, with a deadline, a limit on the size of answers, and no redirects; and it knows
 * no database.
 */
export interface Connector<Settings = unknown, Secrets = unknown>
  extends Provisioning<Settings, Context<Settings, Secrets>> {
  /** The name in commands and addresses: `postgresql`. */
  readonly name: string;
  readonly label: string;
  /** One sentence for the list of connectors. */
  readonly description: string;
  /** The settings. Form, CLI flags and API are generated from it: use `.meta({ title, description })` on each field. */
  readonly settings: z.ZodType<Settings>;
  /** The secret settings, kept encrypted; never shown again. */
  readonly secrets: z.ZodType<Secrets>;
  /** What an account and a group are called there: "role", "user". */
  readonly words: { account: string; group: string };
  /** Instructions for a least-privilege account. */
  setup?(settings: Settings): SetupStep[];
  /** Can we reach it, as whom, with what rights, and what stays invisible? Throws a ConnectorError. */
  check?(context: Context<Settings, Secrets>): Promise<CheckResult>;
  /** Everything there is, in pages. Throws a ConnectorError. */
  read?(context: Context<Settings, Secrets>): AsyncIterable<ReadEvent>;
  /** The same from an export file, in flat memory. */
  readFile?(
    context: Context<Settings, Secrets>,
    file: SourceFile,
    mapping: FileMapping | null,
  ): AsyncIterable<ReadEvent>;
  /** How a file would be read, from its first rows. */
  previewFile?(
    context: Context<Settings, Secrets>,
    file: SourceFile,
    mapping: FileMapping | null,
  ): Promise<FilePreview>;
  /** What was used since `cursor`; the last event's cursor is kept for the next call. */
  usage?(context: Context<Settings, Secrets>): AsyncIterable<{ events: UsageEvent[]; cursor: unknown }>;
  /**
   * Pure. Of an entitlement with a pattern (superuser, `pg_read_all_data`, `s3:Get* on …`): which permissions it gives on
   * this resource. Lists and decisions both come from here, so that they cannot contradict each other.
   */
  patternGrants?(pattern: Record<string, unknown>, resource: ResourceFact): string[];
  /**
   * Pure. Resources whose own entitlements also decide on this one with the same permission, nearest first (a table for
   * its columns). Also serves for a resource that the inventory does not list by itself.
   */
  enclosing?(resource: { type: string; id: string }): { type: string; id: string }[];
  /**
   * Pure. How a word by which somebody asks for an account or group is compared with the names in the attribute
   * `alsoKnownAs`, for systems in which one thing has several names.
   */
  nameKey?(word: string): string;
  /** Pure. The permissions that exist on a resource of this type, for forms and for evaluators. */
  permissionsOn?(type: string): string[];
}

/** The verbs that a connector has. */
export function capabilitiesOf(connector: Connector): string[] {
  const verbs = [
    "check",
    "read",
    "readFile",
    "usage",
    "grant",
    "revoke",
    "readBack",
    "endSessions",
    "disable",
    "enable",
    "remove",
    "probe",
    "issue",
    "withdraw",
  ] as const;
  return verbs.filter((verb) => typeof connector[verb] === "function");
}
