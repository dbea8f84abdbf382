/** What is asked for or held, in the words of its system. */
export type WhatFacts = {
  /** "SELECT on billing.invoices". */
  entitlement: string;
  /** The name of the connection. */
  system: string;
  environment: string;
};

/** A request, as far as messages tell of it. Every text is whatever somebody typed. */
export type RequestFacts = {
  id: string;
  /** Who is to get the access, and who asked when that is somebody else. */
  subject: string;
  requestedBy: string;
  what: readonly WhatFacts[];
  reason: string;
  ticket: string | null;
  durationMs: number;
  /** Null: as soon as it is approved. */
  startsAt: Date | null;
  /** What this really opens, a line each: "1,204 tables in billing". */
  opens: readonly string[];
  /** Where the request is shown and decided. */
  path: string;
};

/** Access that was given, as far as messages tell of it. */
export type GrantFacts = {
  id: string;
  subject: string;
  what: readonly WhatFacts[];
  endsAt: Date;
  /** Where the access is shown. */
  path: string;
};
