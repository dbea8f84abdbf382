export type StandardView = { id: string; name: string; query: string };

/** The views that every installation has, by page. */
export const standardViews = {
  identities: [
    { id: "all", name: "All", query: "" },
    { id: "production", name: "Machines in production", query: "kind=!human&environment=production" },
    { id: "no-owner", name: "No owner", query: "owner=none" },
    { id: "idle", name: "Privileged, not used", query: "privileged=true&unusedSince=90d" },
    { id: "old-keys", name: "Keys older than a year", query: "oldestCredential=!365d&sort=oldestCredential" },
    { id: "new", name: "New this week", query: "firstSeen=7d&sort=-firstSeen" },
  ],
  credentials: [
    { id: "all", name: "All", query: "" },
    { id: "old", name: "Older than a year", query: "status=active&made=!365d" },
    { id: "idle", name: "Not used for 90 days", query: "status=active&unusedSince=90d" },
    { id: "ending", name: "End within 30 days", query: "status=active&expires=%2B30d&sort=expires" },
    { id: "new", name: "New this week", query: "firstSeen=7d&sort=-firstSeen" },
  ],
  resources: [
    { id: "all", name: "All", query: "" },
    { id: "no-owner", name: "No owner", query: "owner=none" },
    { id: "new", name: "New this week", query: "firstSeen=7d&sort=-firstSeen" },
  ],
  accounts: [
    { id: "all", name: "All", query: "" },
    { id: "unmatched", name: "Unmatched", query: "unmatched=true" },
    { id: "new", name: "New this week", query: "firstSeen=7d&sort=-firstSeen" },
  ],
  requests: [
    { id: "all", name: "All", query: "" },
    { id: "mine", name: "Mine", query: "mine=true" },
    { id: "pending", name: "Pending", query: "state=pending" },
    { id: "questions", name: "Asked back", query: "state=pending&waiting=true" },
    { id: "failed", name: "Failed", query: "state=failed" },
    { id: "break-glass", name: "Break-glass", query: "breakGlass=true" },
  ],
  grants: [
    { id: "all", name: "All", query: "" },
    { id: "active", name: "Active", query: "state=active&sort=ends" },
    { id: "ending", name: "End within a day", query: "ends=%2B1d&sort=ends" },
    { id: "failed", name: "Failed", query: "state=activation_failed%2Cending_failed" },
    { id: "by-hand", name: "Changed by hand", query: "drift=true" },
    { id: "came-back", name: "Came back", query: "state=resurrected" },
  ],
  unmanaged: [
    { id: "all", name: "All", query: "" },
    { id: "privileged", name: "Privileged", query: "privileged=true" },
    { id: "machines", name: "Of machines", query: "kind=!human%2Cnone" },
    { id: "unmatched", name: "Of nobody known", query: "kind=none" },
    { id: "new", name: "New this week", query: "firstSeen=7d" },
  ],
} as const satisfies Record<string, readonly StandardView[]>;
