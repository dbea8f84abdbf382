import { Panel } from "@/components/panel";
import { Time } from "@/components/time";
import { credentialAgeLabels, lastUsedLabels } from "@/lib/inventory/labels";
import type { Overview } from "@/lib/inventory/overview-queries";
import { type Bar, Bars } from "./bars";
import css from "./overview.module.css";

const lastUseBars: Bar[] = [
  { of: "identities.last_use.today", label: "today", words: lastUsedLabels.today, look: "used" },
  { of: "identities.last_use.7d", label: "7 d", words: lastUsedLabels["7d"], look: "used" },
  { of: "identities.last_use.30d", label: "30 d", words: lastUsedLabels["30d"], look: "used" },
  { of: "identities.last_use.90d", label: "90 d", words: lastUsedLabels["90d"], look: "used" },
  { of: "identities.last_use.1y", label: "1 y", words: lastUsedLabels["1y"], look: "not_used" },
  { of: "identities.last_use.longer", label: "longer", words: lastUsedLabels.longer, look: "not_used" },
  {
    of: "identities.last_use.not_used",
    label: "no use",
    words: "not used since their system was observed",
    look: "not_used",
  },
  { of: "identities.last_use.unknown", label: "unknown", words: "last use unknown", look: "unknown" },
];

/** How long ago identities were last used: solid within 90 days, hatched beyond, dotted where nobody can tell. */
export function LastUsePanel({ overview }: { overview: Overview }) {
  const since = overview.systems
    .flatMap(({ coverage }) => (coverage.complete && coverage.since ? [coverage.since] : []))
    .sort()[0];
  return (
    <Panel
      title="Last use"
      aside="identities"
      action={
        since ? (
          <span className={css.dimmed}>
            observed since <Time at={since} as="date" />
          </span>
        ) : undefined
      }
    >
      <Bars bars={lastUseBars} counters={overview.counters} label="Identities by last use" />
    </Panel>
  );
}

const ageLabels = {
  "30d": "30 d",
  "90d": "90 d",
  "1y": "1 y",
  "2y": "2 y",
  older: "older",
  unknown: "unknown",
} as const;
const ageBars: Bar[] = (Object.keys(ageLabels) as (keyof typeof ageLabels)[]).map((age) => ({
  of: `credentials.age.${age}`,
  label: ageLabels[age],
  words: age === "unknown" ? "age unknown" : `made ${credentialAgeLabels[age]} ago`,
  look: age === "unknown" ? "unknown" : age === "2y" || age === "older" ? "not_used" : "used",
}));

/** How old credentials are; what is over a year old is hatched. */
export function CredentialAgePanel({ overview }: { overview: Overview }) {
  return (
    <Panel title="Credential age" aside="hatched above a year">
      <Bars bars={ageBars} counters={overview.counters} label="Credentials by age" />
    </Panel>
  );
}
