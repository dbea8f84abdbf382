import type { IdentityKind } from "../connectors/schema";

export type AccountFacts = {
  name: string;
  displayName: string | null;
  email: string | null;
  employeeNumber: string | null;
};
export type Verdict = { kind: IdentityKind; reason: string };

// Words between separators: "svc-billing" has "svc", "service" inside "customerservices" does not count.
const word = (alternatives: string) => new RegExp(`(^|[^a-z0-9])(${alternatives})($|[^a-z])`, "i");

// In order: the first that fits decides. Each says what it saw, so that a person can judge it.
const signs: { kind: IdentityKind; pattern: RegExp }[] = [
  { kind: "ai_agent", pattern: word("agent|copilot|llm|assistant|gpt|claude") },
  {
    kind: "ci_pipeline",
    pattern: word(
      "ci|cd|cicd|deploy|deployer|pipeline|github-actions|gitlab-runner|jenkins|buildkite|terraform|argocd",
    ),
  },
  { kind: "bot", pattern: word("bot|dependabot|renovate|webhook") },
  { kind: "workload", pattern: word("k8s|kube|pod|workload|worker|daemon|job|cron|system:serviceaccount") },
  { kind: "api_client", pattern: word("api|client|oauth|integration|connector|gateway") },
  {
    kind: "service_account",
    pattern: word(
      "svc|service|srv|sa|app|application|system|backup|repl|replication|replicator|monitor|monitoring|metrics|exporter|etl|loader|sync|batch|readonly|ro|rw|admin|root|postgres|test|noreply|no-reply",
    ),
  },
];

/**
 * Which kind of identity does an account look like? Used only where the source itself does not say. Pure.
 * Evidence of a person (an employee number, a personal e-mail address) wins over words in a name.
 */
export function classifyAccount(account: AccountFacts): Verdict {
  if (account.employeeNumber) return { kind: "human", reason: "it has an employee number" };
  const mailbox = account.email?.split("@")[0] ?? "";
  const machineMail = signs.find(({ pattern }) => pattern.test(mailbox));
  if (account.email && !machineMail)
    return { kind: "human", reason: `its e-mail address ${account.email} names a person` };
  for (const { kind, pattern } of signs) {
    const found = pattern.exec(account.name)?.[2] ?? pattern.exec(mailbox)?.[2];
    if (found) return { kind, reason: `its name contains “${found.toLowerCase()}”` };
  }
  if (account.displayName && /^\p{Lu}[\p{L}'’.-]+ (\p{L}[\p{L}'’.-]* )*\p{Lu}[\p{L}'’-]+$/u.test(account.displayName)) {
    return { kind: "human", reason: `its full name “${account.displayName}” reads like a person's` };
  }
  if (/^[a-z]+\.[a-z]{2,}$/i.test(account.name))
    return { kind: "human", reason: "its name is made like a person's: first.last" };
  return { kind: "service_account", reason: "nothing about it names a person" };
}
