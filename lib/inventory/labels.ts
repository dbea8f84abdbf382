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
