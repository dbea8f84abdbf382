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
  /** It asks that access which is held lasts longer; this is when that ends. Null: it asks for new access. */
  longerThan: Date | null;
  /** What this really opens; null where nobody looked, or the look took too long. */
  opens: OpensFacts | null;
  /** The separations of duties that it would break. */
  conflicts: readonly string[];
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

/** What somebody would newly reach. */
export type OpensFacts = {
  count: number;
  /** There is more than was counted. */
  capped: boolean;
  /** The mightiest of it, a line each: "SELECT on billing.invoices". */
  first: readonly string[];
  /** How much of it is reached already, but only by grants that end, the last of them then. */
  held: { count: number; until: Date } | null;
};
