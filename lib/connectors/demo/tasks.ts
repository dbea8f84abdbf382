import type { Machine } from "./schema";

const nouns: Record<string, readonly string[]> = {
  "Payments platform": [
    "payments",
    "billing",
    "invoice",
    "refund",
    "ledger",
    "payout",
    "dunning",
    "card-vault",
    "fraud",
  ],
  "Cluster team": ["cluster", "ingress", "image", "node", "dns", "cert", "backup", "registry", "mesh"],
  "Developer tools": ["build", "artifact", "review", "release", "monorepo", "sdk", "flags", "docs-site"],
  Storefront: ["shop", "cart", "checkout", "banner", "coupon", "wishlist", "pricing", "cms"],
  "Mobile apps": ["ios", "android", "push", "app-store", "deeplink", "crash"],
  "Search and catalogue": ["search", "catalogue", "suggest", "facet", "product", "media", "taxonomy"],
  "Order management": ["order", "warehouse", "shipment", "return", "carrier", "stock", "parcel", "tariff"],
  "Accounts and sign-in": ["login", "session", "profile", "consent", "mfa", "signup"],
  Integrations: ["erp", "crm", "partner", "edi", "marketplace", "webhook", "connector", "tax"],
  "Site reliability": ["alert", "metrics", "oncall", "capacity", "chaos", "status-page", "trace"],
  "Quality engineering": ["e2e", "load", "fixture", "smoke", "device-lab"],
  "Data platform": ["dwh", "lake", "stream", "events", "schema", "cdc", "airflow", "dbt", "spark"],
  Analytics: ["kpi", "dashboard", "cohort", "survey", "funnel"],
  "Machine learning": ["ranking", "forecast", "feature", "embedding", "churn", "vision"],
  "Security operations": ["siem", "scanner", "vault", "edr", "phish"],
  "Directory services": ["ad", "ldap", "group", "gpo", "radius"],
  "Workplace IT": ["mdm", "print", "meeting", "laptop", "license"],
  "Support engineering": ["ticket", "macro", "helpdesk", "csat", "callback"],
  "Legal engineering": ["gdpr", "contract", "retention"],
  "People operations": ["hr", "payroll", "onboarding"],
  Controlling: ["budget", "closing", "ifrs", "cost"],
};

/** What a team's machines are about. */
export function nounsOf(team: string): readonly string[] {
  return nouns[team] ?? ["general"];
}

/** What machines of a kind do: the word in the name, and the purpose with `*` for what it is about. */
export const tasks: Record<Machine["kind"], readonly (readonly [string, string])[]> = {
  service_account: [
    ["export", "Nightly * export to the warehouse"],
    ["import", "Imports * files from partners"],
    ["sync", "Keeps * in step between systems"],
    ["backup", "Backs up * data every night"],
    ["archiver", "Moves old * records to cold storage"],
    ["reporting", "Builds the weekly * report"],
    ["monitor", "Watches * and raises alarms"],
    ["batch", "Runs the * batch jobs"],
    ["migrator", "Applies * schema changes"],
    ["cleanup", "Deletes * data past its retention"],
    ["reader", "Reads * for other teams"],
    ["scheduler", "Starts * jobs on time"],
    ["bridge", "Bridges * to the old mainframe"],
    ["loader", "Loads * into the data lake"],
  ],
  api_client: [
    ["api", "Calls the * API for the web shop"],
    ["mobile", "The * calls of the mobile app"],
    ["partner", "A partner's access to *"],
    ["gateway", "Passes * calls on to the core"],
    ["webhook", "Receives * webhooks"],
    ["reseller", "A reseller's * integration"],
    ["kiosk", "* on the shop-floor kiosks"],
    ["marketplace", "* for a marketplace"],
    ["poller", "Polls * every few minutes"],
    ["feed", "Delivers the * feed"],
    ["widget", "The * widget on partner sites"],
    ["terminal", "* on payment terminals"],
  ],
  ci_pipeline: [
    ["build", "Builds and tests *"],
    ["deploy-prod", "Deploys * to production"],
    ["deploy-staging", "Deploys * to staging"],
    ["release", "Publishes * releases"],
    ["nightly", "The nightly run of *"],
    ["terraform-plan", "Plans the infrastructure of *"],
    ["terraform-apply", "Applies the infrastructure of *"],
    ["e2e", "End-to-end tests of *"],
    ["scan", "Scans * for known faults"],
    ["docs", "Publishes the * documentation"],
  ],
  workload: [
    ["api", "Serves the * API"],
    ["worker", "Works off the * queue"],
    ["web", "Serves the * pages"],
    ["consumer", "Consumes * events"],
    ["producer", "Publishes * events"],
    ["cache", "Caches * lookups"],
    ["reconciler", "Reconciles * between systems"],
    ["renderer", "Renders * documents"],
    ["cron", "Scheduled * work"],
    ["proxy", "Stands before the * back end"],
    ["indexer", "Indexes * for search"],
    ["notifier", "Tells customers about *"],
  ],
  bot: [
    ["notes", "Writes notes about *"],
    ["reminder", "Reminds people of *"],
    ["rotator", "Rotates the * duty"],
    ["triage", "Sorts new * items"],
    ["standup", "Collects * stand-ups"],
    ["labeler", "Labels * pull requests"],
    ["announcer", "Announces * changes"],
  ],
  ai_agent: [
    ["triage", "Reads new * cases and proposes who should take them"],
    ["review", "Reviews changes to *"],
    ["research", "Answers questions about * from internal documents"],
    ["summary", "Summarises * for the weekly meeting"],
    ["assistant", "Helps the team with *"],
    ["migration", "Rewrites * code to the new platform"],
    ["reply", "Drafts replies about *"],
  ],
};

/** The purpose in a sentence: "Nightly invoice export to the warehouse". */
export function purposeOf(words: string, noun: string, team: string): string {
  return words
    .replace("*", noun === "general" ? team : noun.replaceAll("-", " "))
    .replace(/^./, (first) => first.toUpperCase());
}
