import type { IdentityKind } from "../connectors/schema";

/** What a kind of identity is called on the screen. */
export const kindLabels = {
  human: "Person",
  service_account: "Service account",
  api_client: "API client",
  ci_pipeline: "CI pipeline",
  workload: "Workload",
  bot: "Bot",
  ai_agent: "AI agent",
} as const satisfies Record<IdentityKind, string>;

/** By privilege: 0 none, 1 read, 2 write, 3 admin, 4 everything. */
export const privilegeLabels = ["None", "Read", "Write", "Admin", "Everything"] as const;

export const environmentLabels = {
  production: "production",
  staging: "staging",
  development: "development",
} as const;

export const criticalityLabels = { low: "Low", medium: "Medium", high: "High", critical: "Critical" } as const;

export const credentialKindLabels = {
  password: "Password",
  access_key: "Access key",
  personal_access_token: "Personal access token",
  ssh_key: "SSH key",
  client_secret: "Client secret",
  certificate: "Certificate",
  oidc_trust: "OIDC trust",
  api_key: "API key",
  other: "Other",
} as const;

export const identityStatusLabels = { active: "active", disabled: "disabled", gone: "gone" } as const;

export const lastUseLabels = { used: "used", not_used: "not used", unknown: "unknown" } as const;

export const accountStatusLabels = {
  active: "active",
  disabled: "disabled",
  locked: "locked",
  expired: "expired",
} as const;

export const credentialStatusLabels = { active: "active", disabled: "disabled", expired: "expired" } as const;

/** How long ago something was last used, in the stretches that the overview counts. Each leaves out those before it. */
export const lastUsedLabels = {
  today: "within a day",
  "7d": "1 to 7 days ago",
  "30d": "7 to 30 days ago",
  "90d": "30 to 90 days ago",
  "1y": "90 days to a year ago",
  longer: "over a year ago",
} as const;

/** How old a credential is, in the stretches that the overview counts. */
export const credentialAgeLabels = {
  "30d": "under 30 days",
  "90d": "30 to 90 days",
  "1y": "90 days to a year",
  "2y": "one to two years",
  older: "over two years",
  unknown: "unknown",
} as const;

/** How soon a credential that works now ends. */
export const credentialEndingLabels = { "7d": "within 7 days", "30d": "within 30 days" } as const;
