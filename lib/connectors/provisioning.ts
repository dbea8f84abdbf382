/**
 * An account in the system's own terms. `stableId`: by what the system tells it from all others for good, as it was last
 * read, where its external id is a name that can change.
 */
export type AccountRef = { externalId: string; name: string; stableId?: string | null };

/**
 * What is given to or taken from an account: membership of a group (`permission` is "member" and `resource.type` is
 * "group"), or a permission on a resource, in the system's own terms.
 */
export type AccessRef = {
  permission: string;
  resource: { type: string; externalId: string; name: string; stableId?: string | null };
};

/** One account holding one access: what `grant`, `revoke` and `readBack` are about. */
export type HeldAccess = { account: AccountRef; access: AccessRef };

/**
 * What a provisioning verb came to. `done`: changed now. `already`: it was so before the call. `impossible`: the system
 * will not do this to this thing, however often one tries, until a person does what `remedy` says. Whatever may work
 * later is thrown as a retryable ConnectorError instead.
 */
export type Outcome =
  | { outcome: "done" | "already"; detail: string }
  | { outcome: "impossible"; because: string; remedy: string };

/** What the system itself says about an access, read after the change. */
export type ReadBack = {
  /** Does the account hold exactly this, directly (not by way of other groups)? */
  held: boolean;
  /**
   * Is what is held something that this connection gave? False where the system tells that others gave it as well or
   * instead, who are then named in `alsoBy`. A system that cannot tell answers true whenever it is held.
   */
  ours: boolean;
  alsoBy: string[];
  /** What was asked and answered, in the system's words, for the receipt. */
  detail: string;
};

/** Sessions that were ended, and those still there when looked at again. */
export type SessionsEnded = { ended: number; left: number; detail: string };

/** How an account stands in the system, as the system itself says. */
export type AccountStanding = {
  there: boolean;
  /** Does the system let it sign in? Null where it does not tell. */
  open: boolean | null;
  /** Open sessions; null where the system does not tell. */
  sessions: number | null;
  /** What became of a sign-in with a password that nobody has. Accepted: it is open, whatever the system says. */
  signIn: "refused" | "accepted" | "not_tried";
  /** What was asked and answered, in the system's words, for the receipt. */
  detail: string;
  /** Where it does not tell: what would make it tell. */
  remedy?: string;
  /** What lives on although the account is shut, and until when at the latest where that is known. */
  outlives: { what: string; until: Date | null }[];
};

/** A short-lived account to make: it holds `access` and nothing else, and the system itself ends it at `until`. */
export type IssueOrder = {
  /** A name that the system accepts and that nobody else has; the same order always brings the same name. */
  name: string;
  /** For whom, to be noted in the system where it has a place for that. */
  for: string;
  access: AccessRef[];
  until: Date;
};

/** What a person needs to sign in with a short-lived account. Shown once, stored nowhere. */
export type DeliveredSecret = {
  /** Label to value, in the order to show: host, port, database, user. */
  facts: Record<string, string>;
  secret: string;
  /** A line to paste into a terminal, without the secret. */
  command: string | null;
};

/** What taking one of several came to: what was answered, when, and what is read back; or what kept it from being taken. */
export type TakenOne = { taken: Outcome; doneAtMs: number; readBack: ReadBack } | { error: unknown };

/** The verbs about one account's access, bound to a call: what `together` lets do one after another. */
export type BoundVerbs = {
  grant(until: Date | null): Promise<Outcome>;
  revoke(): Promise<Outcome>;
  readBack(): Promise<ReadBack>;
  endSessions(): Promise<SessionsEnded>;
};

/**
 * The verbs that change a system. Each is idempotent: called twice, or after a call whose answer was lost, it comes to
 * the same end. Each throws a ConnectorError, retryable where the same call may work later. `Call` is the Context that a
 * verb is called with.
 */
export interface Provisioning<Settings, Call> {
  /** Pure. Was this connection given what it needs to change the system? Else in words: what is missing. */
  mayProvision?(settings: Settings): true | { because: string; remedy: string };
  /** Pure. Can accounts be shut there, as far as what was read of the whole system (its own resource) tells? */
  mayDisable?(facts: Readonly<Record<string, unknown>>): true | { because: string; remedy: string };
  /** Pure. Can this be given and taken at all, as far as the names tell? */
  canGive?(access: AccessRef): true | { because: string; remedy: string };
  /** Gives. `until`: set the end in the system too where it can end this by itself. */
  grant?(context: Call, held: HeldAccess & { until: Date | null }): Promise<Outcome>;
  /** Takes back what this connection gave. */
  revoke?(context: Call, held: HeldAccess): Promise<Outcome>;
  /** Asks the system itself whether it is held now. Where changes show late, it waits and asks again by itself. */
  readBack?(context: Call, held: HeldAccess): Promise<ReadBack>;
  /** Ends what the account has open, and looks again for what slipped in. */
  endSessions?(context: Call, account: AccountRef): Promise<SessionsEnded>;
  /**
   * Does `work` with verbs that share one sign-in, where that is dear; each of them keeps the promises of the verb of its
   * name. They end with `work`.
   */
  together?<T>(context: Call, held: HeldAccess, work: (verbs: BoundVerbs) => Promise<T>): Promise<T>;
  /**
   * Takes several accesses of one account as `revoke` takes one, and reads each back, where that is much quicker than one
   * after another. Each for itself: one that fails holds up none. @throws ConnectorError where none of them came to be asked
   */
  revokeAll?(
    context: Call,
    of: { account: AccountRef; accesses: readonly AccessRef[]; endingSessions: boolean },
  ): Promise<{ each: TakenOne[]; sessions: SessionsEnded | null }>;
  /** Keeps the account from signing in and ends its sessions, without deleting anything. */
  disable?(context: Call, account: AccountRef): Promise<Outcome>;
  /** Lets an account in again that `disable` shut; what it held before, it has again. */
  enable?(context: Call, account: AccountRef): Promise<Outcome>;
  /** Deletes an account that cannot sign in; one that can is left alone. What stands in the way is said by name. */
  remove?(context: Call, account: AccountRef): Promise<Outcome>;
  /** Asks the system itself how an account stands, and tries a sign-in that must fail. Changes nothing. */
  probe?(context: Call, account: AccountRef): Promise<AccountStanding>;
  /** Pure. Does this connection itself sign in by this account? */
  isOwn?(settings: Settings, account: AccountRef): boolean;
  /** Makes a short-lived account that nobody can use before `deliver`. Of the same order again: as it is, brought in line. */
  issue?(context: Call, order: IssueOrder): Promise<{ account: AccountRef; detail: string }>;
  /** Makes a new secret for an issued account; the one before it ends. The system stores it as strongly as it can. */
  deliver?(context: Call, order: { account: AccountRef; until: Date }): Promise<DeliveredSecret>;
  /** Ends an issued account: no login, no open session, no access, and gone where nothing hangs on it. */
  withdraw?(context: Call, account: AccountRef): Promise<Outcome>;
  /** Asks the system itself whether an issued account can still sign in or holds anything. */
  readBackIssued?(context: Call, account: AccountRef): Promise<{ standing: boolean; detail: string }>;
}
