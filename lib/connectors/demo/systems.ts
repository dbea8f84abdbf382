import type { UsageCoverage } from "../contract";
import { companyOf } from "./company";
import { privilegeOf } from "./evaluate";
import { furnishAws, furnishCluster } from "./furnish-clouds";
import { furnishEntra, furnishLdap, furnishPeople } from "./furnish-directories";
import {
  furnishAgentHub,
  furnishGateway,
  furnishGithub,
  furnishSftp,
  furnishSlack,
  furnishZendesk,
} from "./furnish-services";
import { furnishWarehouse } from "./furnish-warehouse";
import { machinesOf } from "./machines";
import { randomOf } from "./random";
import type { Company, Environment, Machine, SystemName } from "./schema";
import type { Stage } from "./stage";
import { emptyWorld, type World } from "./world";

type Told = { subject: UsageCoverage["subject"]; because: string; since?: number; complete?: boolean; until?: number };
type System = {
  label: string;
  environment: Environment;
  isIdentitySource: boolean;
  furnish: (stage: Stage) => void;
  /** What it can tell of use; the first day from which it does. */
  coverage: readonly Told[];
  cannotSee: readonly { what: string; because: string; remedy: string }[];
};

const logged = (subject: Told["subject"], since: number, because: string): Told => ({
  subject,
  since,
  because,
  complete: true,
});
const silent = (because: string): Told[] =>
  (["account", "credential", "entitlement"] as const).map((subject) => ({ subject, because }));

const plain = { isIdentitySource: false, cannotSee: [] } as const;

/** Nordwind's systems: what each is, what it knows of use, what it hides. */
export const systems: Record<SystemName, System> = {
  people: {
    ...plain,
    label: "HR system",
    environment: "production",
    isIdentitySource: true,
    furnish: furnishPeople,
    coverage: silent("the HR system keeps no log of sign-ins"),
  },
  "entra-nordwind": {
    ...plain,
    label: "Microsoft Entra ID",
    environment: "production",
    furnish: furnishEntra,
    coverage: [
      logged("account", -180, "the sign-in log is kept for 180 days"),
      { subject: "credential", because: "the sign-in log does not name the secret" },
      { subject: "entitlement", because: "use of single applications is not logged" },
    ],
  },
  "ldap-emea": {
    ...plain,
    label: "Active Directory",
    environment: "production",
    furnish: furnishLdap,
    coverage: [
      {
        subject: "account",
        since: -630,
        until: -50,
        because: "the security log of the domain controllers has a gap since 2 October",
      },
      { subject: "credential", because: "the directory does not say which password was used" },
      { subject: "entitlement", because: "the shares keep no log" },
    ],
    cannotSee: [
      {
        what: "Deleted objects",
        because: "The reading account may not list the recycle bin.",
        remedy: "Give it List contents on CN=Deleted Objects.",
      },
    ],
  },
  "aws-prod": {
    ...plain,
    label: "AWS account",
    environment: "production",
    furnish: furnishAws,
    coverage: [
      logged("account", -630, "CloudTrail, all regions"),
      logged("credential", -630, "last used, as IAM keeps it"),
      { subject: "entitlement", because: "data events are not switched on" },
    ],
  },
  "aws-dev": {
    ...plain,
    label: "AWS account",
    environment: "development",
    furnish: furnishAws,
    coverage: [
      logged("account", -400, "CloudTrail, all regions"),
      logged("credential", -400, "last used, as IAM keeps it"),
      { subject: "entitlement", because: "data events are not switched on" },
    ],
  },
  "github-nordwind": {
    ...plain,
    label: "GitHub organisation",
    environment: "production",
    furnish: furnishGithub,
    coverage: [
      logged("account", -180, "the organisation's audit log is kept for 180 days"),
      logged("credential", -365, "last used, as GitHub keeps it"),
      { subject: "entitlement", because: "reading a repository is not logged" },
    ],
  },
  "k8s-prod": {
    ...plain,
    label: "Kubernetes cluster",
    environment: "production",
    furnish: furnishCluster,
    coverage: [
      logged("account", -315, "API server audit log"),
      { subject: "credential", because: "the audit log does not name the token" },
      logged("entitlement", -315, "API server audit log"),
    ],
  },
  "k8s-staging": {
    ...plain,
    label: "Kubernetes cluster",
    environment: "staging",
    furnish: furnishCluster,
    coverage: silent("auditing is switched off in this cluster"),
  },
  warehouse: {
    ...plain,
    label: "PostgreSQL cluster",
    environment: "production",
    furnish: furnishWarehouse,
    coverage: [
      logged("account", -630, "pgaudit, shipped to the log store"),
      { subject: "credential", because: "a role has one password, and the log names the role" },
      logged("entitlement", -630, "pgaudit, shipped to the log store"),
    ],
    cannotSee: [
      {
        what: "Large objects",
        because: "The reading role may not read pg_largeobject.",
        remedy: "grant select on pg_largeobject to rollcall_reader;",
      },
    ],
  },
  "api-gateway": {
    ...plain,
    label: "API gateway",
    environment: "production",
    furnish: furnishGateway,
    coverage: [
      {
        subject: "account",
        because: "it keeps the last call of each client, but no log before the restart of 1 September",
      },
      { subject: "credential", because: "it keeps no log of keys" },
      { subject: "entitlement", because: "it keeps no log of single APIs" },
    ],
  },
  zendesk: {
    ...plain,
    label: "Zendesk",
    environment: "production",
    furnish: furnishZendesk,
    coverage: silent("the plan that is booked keeps no log"),
  },
  "slack-nordwind": {
    ...plain,
    label: "Slack workspace",
    environment: "production",
    furnish: furnishSlack,
    coverage: [
      logged("account", -240, "the access log of the workspace"),
      logged("credential", -240, "the access log of the workspace"),
      { subject: "entitlement", because: "reading a channel is not logged" },
    ],
  },
  "agent-hub": {
    ...plain,
    label: "Agent platform",
    environment: "production",
    furnish: furnishAgentHub,
    coverage: [
      logged("account", -150, "every call is logged"),
      logged("credential", -150, "every call is logged"),
      logged("entitlement", -150, "every call is logged"),
    ],
  },
  "sftp-dmz": {
    ...plain,
    label: "SFTP server",
    environment: "production",
    furnish: furnishSftp,
    coverage: [
      logged("account", -630, "sshd and transfer log"),
      logged("credential", -630, "sshd logs the fingerprint"),
      logged("entitlement", -630, "transfer log"),
    ],
  },
};

type Cast = { company: Company; machines: Machine[] };
const casts = new Map<string, Cast>();
const worlds = new Map<string, World>();

/** The people and machines of a seed; made once and kept. */
export function castOf(seed: string): Cast {
  const kept = casts.get(seed);
  if (kept) return kept;
  const company = companyOf(seed);
  const cast = { company, machines: machinesOf(seed, company) };
  keep(casts, seed, cast, 2);
  return cast;
}

/** Everything one system ever held; made once and kept. */
export function worldOf(seed: string, system: SystemName): World {
  const key = `${seed}/${system}`;
  const kept = worlds.get(key);
  if (kept) return kept;
  const world = emptyWorld(privilegeOf);
  systems[system].furnish({ ...castOf(seed), system, world, random: randomOf(key) });
  keep(worlds, key, world, 20);
  return world;
}

// A seed comes from a setting, so that what is kept must not grow with the number of seeds tried.
function keep<T>(store: Map<string, T>, key: string, value: T, most: number): void {
  if (store.size >= most) store.clear();
  store.set(key, value);
}
