import type { DestinationKind } from "@/lib/audit/destination-schema";

/** What each kind of destination is called, and what it is for. */
export const kindWords: Record<DestinationKind, { label: string; told: string }> = {
  file: { label: "File", told: "Written by each machine with a worker." },
  webhook: { label: "Webhook", told: "Posts each checkpoint to a program elsewhere, signed by Standard Webhooks." },
  s3: { label: "S3-compatible store", told: "Keeps each checkpoint as an object. Turn on object lock there." },
  journal: { label: "Journal", told: "Written by each machine with a worker: what was taken back, and when." },
  http: { label: "HTTP", told: "Posts every event to a SIEM, as lines of JSON or OCSF." },
  syslog: { label: "Syslog", told: "Sends every event to a syslog server over TLS (RFC 5424)." },
};
