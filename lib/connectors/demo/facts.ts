import { domain, type Machine, type SystemName, systemNames } from "./schema";
import { slugOf } from "./stage";
import { castOf, systems } from "./systems";

export type DemoSystem = {
  name: SystemName;
  label: string;
  environment: "production" | "staging" | "development";
  isIdentitySource: boolean;
};

/** What people at Nordwind know of a machine identity and no system says; null where nobody ever entered it. */
export type DemoFacts = {
  /** The address by which the identity is found. */
  email: string;
  ownerEmail: string | null;
  backupOwnerEmail: string | null;
  purpose: string | null;
  environment: Machine["environment"];
  criticality: Machine["criticality"];
};

/** The systems, the source of people first. */
export function demoSystems(): DemoSystem[] {
  return systemNames.map((name) => {
    const { label, environment, isIdentitySource } = systems[name];
    return { name, label, environment, isIdentitySource };
  });
}

/** What was entered by hand about the machine identities that are there on a day, counted from the anchor. */
export function demoFacts(seed: string, day: number): DemoFacts[] {
  return castOf(seed)
    .machines.filter((machine) => machine.from <= day && (machine.until === null || day < machine.until))
    .map((machine) => ({
      email: `${slugOf(machine.name)}@machines.${domain}`,
      ownerEmail: machine.owner?.email ?? null,
      backupOwnerEmail: machine.backupOwner?.email ?? null,
      purpose: machine.purpose,
      environment: machine.environment,
      criticality: machine.criticality,
    }));
}
