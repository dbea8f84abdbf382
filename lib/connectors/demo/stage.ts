import type { IdentityKind } from "../schema";
import { hashOf, type Random } from "./random";
import { type Company, domain, type Life, type Machine, type Person, type SystemName } from "./schema";
import type { PrincipalFacts, World } from "./world";

/** What a system is furnished from. */
export type Stage = { system: SystemName; world: World; company: Company; machines: Machine[]; random: Random };

/**
 * The account of a person: disabled on the day they leave and gone three weeks later. Where nobody tells the system that
 * somebody left (`forgets`), it stays.
 */
export function addPerson(
  stage: Stage,
  person: Person,
  facts: Partial<PrincipalFacts> & { id: string; name: string },
  { forgets = 0, busy = 0.85 }: { forgets?: number; busy?: number } = {},
): string {
  const random = stage.random.fork(person.login);
  const forgotten = random.chance(forgets);
  const stopped = person.until ?? (random.chance(busy) ? null : -random.pick([20, 45, 70, 110, 160, 240]));
  const gone = person.until !== null && !forgotten;
  return stage.world.account({
    displayName: person.name,
    email: person.email,
    use: { everyMinutes: random.pick([30, 60, 120, 480]), inOfficeHours: true, stoppedOn: stopped },
    address: addressOf(person.login),
    ...facts,
    from: person.from + (person.from > -100 ? random.int(0, 1) : 0),
    until: gone && person.until !== null ? person.until + 21 : null,
    disabledFrom: gone ? person.until : null,
  });
}

const hints: Record<Machine["kind"], string> = {
  service_account: "it is marked as a service account",
  api_client: "it is registered as a client of an API",
  ci_pipeline: "it signs in as a pipeline, with the pipeline's own token",
  workload: "it runs in the cluster under a service account",
  bot: "the system marks it as a bot",
  ai_agent: "it is registered as an AI agent",
};

/** The account of a machine identity; `keys` are its credentials. */
export function addMachine(
  stage: Stage,
  machine: Machine,
  facts: Partial<PrincipalFacts> & { id: string; name: string },
): string {
  return stage.world.account({
    displayName: machine.name,
    // One address for all its accounts: by it they are told to be one identity.
    email: `${slugOf(machine.name)}@machines.${domain}`,
    hint: { kind: machine.kind as IdentityKind, reason: hints[machine.kind] },
    use: machine.use,
    address: addressOf(machine.name),
    ...facts,
    from: machine.from,
    until: machine.until,
  });
}

/** A credential of a machine where it has one that outlives a job; `expiresAfter` days from its making. */
export function addKey(
  stage: Stage,
  machine: Machine,
  account: string,
  key: { kind: World["credentials"][number]["kind"]; id: string; name: string; expiresAfter?: number },
): void {
  if (machine.keyAge === null) return;
  const created = Math.max(-machine.keyAge, machine.from);
  stage.world.credential({
    account,
    kind: key.kind,
    id: key.id,
    name: key.name,
    from: machine.from,
    until: machine.until,
    created,
    use: machine.use,
    ...(key.expiresAfter ? { expires: created + key.expiresAfter } : {}),
  });
}

/** Only the days of a person or machine. */
export function lifeOf({ from, until }: Life): Life {
  return { from, until };
}

/** The machines with an account here. */
export function machinesHere(stage: Stage): Machine[] {
  return stage.machines.filter((machine) => machine.systems.includes(stage.system));
}

export function peopleOf(stage: Stage, ...departmentsOrTeams: string[]): Person[] {
  return stage.company.people.filter(
    (person) => departmentsOrTeams.includes(person.department) || departmentsOrTeams.includes(person.team),
  );
}

/** "nordwind/payments: deploy-prod" → "nordwind-payments-deploy-prod". */
export function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, "-")
    .replace(/^-|-$/g, "");
}

/** An address inside the company that belongs to `name` for ever. */
export function addressOf(name: string): string {
  const hash = hashOf(name);
  return `10.${4 + (hash % 4)}.${(hash >>> 8) % 250}.${1 + ((hash >>> 16) % 250)}`;
}

/** `length` characters that look like a key id and belong to `name` for ever. */
export function idOf(name: string, length: number, alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"): string {
  let text = "";
  for (let index = 0; text.length < length; index++) text += alphabet[hashOf(`${name}#${index}`) % alphabet.length];
  return text;
}
