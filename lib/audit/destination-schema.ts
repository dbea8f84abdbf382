import { z } from "zod";

/** What gets checkpoints. */
export const anchorKinds = ["file", "webhook", "s3"] as const;
/** What gets events. */
export const streamKinds = ["http", "syslog"] as const;
/** What gets endings. */
export const journalKinds = ["journal"] as const;
/** What is made here; a file is set where Rollcall runs. */
export const addableKinds = ["webhook", "s3", ...streamKinds] as const;
export type AddableKind = (typeof addableKinds)[number];
export const destinationKinds = [...anchorKinds, ...streamKinds, ...journalKinds] as const;
export const destinationKind = z.enum(destinationKinds);
export type DestinationKind = (typeof destinationKinds)[number];

/** Is this where checkpoints go, and not events? */
export function isAnchor(kind: DestinationKind): boolean {
  return (anchorKinds as readonly string[]).includes(kind);
}

/** Is this set where Rollcall runs, and not from a page? */
export function isFile(kind: DestinationKind): boolean {
  return kind === "file" || kind === "journal";
}

const carriedBy = { file: "checkpoints", webhook: "checkpoints", s3: "checkpoints", journal: "endings" } as const;

/** What goes to a destination of this kind. */
export function carriedTo(kind: DestinationKind): "checkpoints" | "endings" | "events" {
  return kind in carriedBy ? carriedBy[kind as keyof typeof carriedBy] : "events";
}

export const streamFormats = ["json", "ocsf"] as const;
export type StreamFormat = (typeof streamFormats)[number];

const name = z.string().trim().min(1, "Give the destination a name.").max(60, "Use at most 60 characters.");
const url = z.string().trim().min(1, "Enter the address.").max(2_000);
const allowPrivateHost = z.boolean().default(false);
const word = z.string().trim().min(1).max(200);

/** A new destination. A file's place is set where Rollcall runs, never from here. */
export const createDestinationInput = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("webhook"), name, url, allowPrivateHost }),
  z.strictObject({
    kind: z.literal("s3"),
    name,
    /** The address of the store; the bucket is a part of the path. */
    url,
    allowPrivateHost,
    bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "This is no name of a bucket."),
    region: word.default("us-east-1"),
    prefix: z
      .string()
      .regex(/^[\w./-]*$/, "Use letters, digits and - _ . / only.")
      .max(200)
      .default("rollcall/"),
    accessKeyId: word,
    secretAccessKey: word,
  }),
  z.strictObject({
    kind: z.literal("http"),
    name,
    url,
    allowPrivateHost,
    format: z.enum(streamFormats).default("ocsf"),
    /** Sent as it is, as the Authorization header: `Bearer …`, `Splunk …`. */
    authorization: z
      .string()
      .regex(/^[\x20-\x7e]+$/, "Use visible characters only.")
      .max(2_000)
      .optional(),
  }),
  z.strictObject({
    kind: z.literal("syslog"),
    name,
    host: z.string().regex(/^[A-Za-z0-9.:-]{1,253}$/, "This is no name of a host."),
    port: z.int().min(1).max(65_535).default(6_514),
    allowPrivateHost,
    format: z.enum(streamFormats).default("json"),
    /** Certificates (PEM) of who signs the server's, where that is nobody whom everybody knows. */
    ca: z.string().max(100_000).optional(),
  }),
]);
export type CreateDestinationInput = z.input<typeof createDestinationInput>;

export const destinationRef = z.strictObject({ id: z.uuid() });

/** What is kept in the clear of a destination, and may be shown. */
export const destinationSettings = z.object({
  /** Where it goes, for a reader. */
  shown: z.string(),
  allowedHost: z.string().nullable().default(null),
  path: z.string().optional(),
  bucket: z.string().optional(),
  region: z.string().optional(),
  prefix: z.string().optional(),
  format: z.enum(streamFormats).optional(),
  host: z.string().optional(),
  port: z.number().optional(),
  ca: z.string().optional(),
});
export type DestinationSettings = z.infer<typeof destinationSettings>;

/** What is kept encrypted. */
export const destinationSecrets = z.object({
  url: z.string().optional(),
  signing: z.string().optional(),
  accessKeyId: z.string().optional(),
  secretAccessKey: z.string().optional(),
  authorization: z.string().optional(),
});
export type DestinationSecrets = z.infer<typeof destinationSecrets>;

/** A destination while something is carried to it. */
export type Destination = {
  id: string;
  name: string;
  kind: DestinationKind;
  settings: DestinationSettings;
  secrets: DestinationSecrets;
  position: number;
  signal: AbortSignal | undefined;
};

/** How a destination does. `behind`: how many checkpoints or events it has not got; of a journal, not been looked at for it. */
export type DestinationItem = {
  id: string;
  name: string;
  kind: DestinationKind;
  carries: "checkpoints" | "endings" | "events";
  shown: string;
  position: number;
  behind: number;
  arrivedAt: Date | null;
  failingSince: Date | null;
  failuresInRow: number;
  lastError: string | null;
  nextTryAt: Date | null;
  pausedAt: Date | null;
};
