import { z } from "zod";
import type { IdentityKind } from "../schema";

/** The address of everybody at Nordwind ends so; `.example` belongs to nobody (RFC 2606). */
export const domain = "nordwind.example";
/** The days of history that are lived through again when the demo is filled. */
export const historyDays = 84;
const dayMs = 86_400_000;

export const systemNames = [
  "people",
  "entra-nordwind",
  "ldap-emea",
  "aws-prod",
  "aws-dev",
  "github-nordwind",
  "k8s-prod",
  "k8s-staging",
  "warehouse",
  "api-gateway",
  "zendesk",
  "slack-nordwind",
  "agent-hub",
  "sftp-dmz",
] as const;
export type SystemName = (typeof systemNames)[number];

const isoDay = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, "must be a day like 2026-11-21");

export const demoSettings = z.strictObject({
  system: z.enum(systemNames).meta({ title: "System", description: "Which of Nordwind's systems this is." }),
  seed: z
    .string()
    .min(1)
    .max(60)
    .default("nordwind")
    .meta({ title: "Seed", description: "Another seed makes another company." }),
  anchor: isoDay.meta({ title: "Anchor", description: "The day on which the company stands as it was planned." }),
  day: isoDay.optional().meta({ title: "Day", description: "The day to read the system as of; without it, today." }),
});
export type DemoSettings = z.infer<typeof demoSettings>;

/** The moment a read sees: the end of `day` where it is set, else now. */
export function momentOf(settings: DemoSettings, now: Date): Date {
  return settings.day ? new Date(Date.parse(`${settings.day}T23:59:00Z`)) : now;
}

/** The day of `at`, counted from the anchor. */
export function dayOf(settings: DemoSettings, at: Date): number {
  return Math.floor((at.getTime() - Date.parse(`${settings.anchor}T00:00:00Z`)) / dayMs);
}

/** The time `minute` minutes into a day counted from the anchor. */
export function timeOf(settings: DemoSettings, day: number, minute = 0): Date {
  return new Date(Date.parse(`${settings.anchor}T00:00:00Z`) + day * dayMs + minute * 60_000);
}

/** From which day to which something is there, in days from the anchor; `until` is the first day it is gone. */
export type Life = { from: number; until: number | null };

export type Person = Life & {
  name: string;
  login: string;
  email: string;
  number: string;
  title: string;
  department: string;
  team: string;
  manager: Person | null;
  isLead: boolean;
  site: string;
};

export type Team = { name: string; slug: string; department: string; lead: Person; members: Person[] };

export type Company = { people: Person[]; teams: Team[]; teamNamed: (name: string) => Team };

export type Environment = "production" | "staging" | "development";
export type Criticality = "low" | "medium" | "high" | "critical";

/** How often something is used: every so many minutes; or not since a day. */
export type Use = {
  everyMinutes: number;
  /** Weekdays from 6 to 18 UTC only: a person. */
  inOfficeHours?: boolean;
  stoppedOn: number | null;
};

/** A machine identity, as somebody who knows everything would describe it. */
export type Machine = Life & {
  name: string;
  kind: Exclude<IdentityKind, "human">;
  team: string;
  owner: Person | null;
  backupOwner: Person | null;
  purpose: string | null;
  environment: Environment | null;
  criticality: Criticality | null;
  /** The systems it has accounts in, the main one first. */
  systems: string[];
  use: Use;
  /** Age of its credential in days at the anchor; null: it has none that lives longer than a job. */
  keyAge: number | null;
  /** 1 read … 4 everything. */
  privilege: 1 | 2 | 3 | 4;
  from: number;
};
