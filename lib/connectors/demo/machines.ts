import { famous } from "./famous-machines";
import { type Random, randomOf } from "./random";
import {
  type Company,
  type Criticality,
  type Environment,
  historyDays,
  type Machine,
  type Person,
  type Use,
} from "./schema";
import { nounsOf, purposeOf, tasks } from "./tasks";

// How many there are at the anchor, how many of them nobody owns, and by how many they grew in the replayed weeks.
const plan = {
  service_account: { count: 986, unowned: 74, growth: 84, gone: 40 },
  api_client: { count: 541, unowned: 12, growth: 22, gone: 54 },
  ci_pipeline: { count: 318, unowned: 6, growth: 74, gone: 22 },
  workload: { count: 507, unowned: 11, growth: 118, gone: 46 },
  bot: { count: 96, unowned: 5, growth: 9, gone: 9 },
  ai_agent: { count: 54, unowned: 4, growth: 40, gone: 4 },
} as const satisfies Record<Machine["kind"], { count: number; unowned: number; growth: number; gone: number }>;

const teamsWithMachines: readonly (readonly [number, string])[] = [
  [12, "Payments platform"],
  [12, "Cluster team"],
  [8, "Developer tools"],
  [9, "Storefront"],
  [4, "Mobile apps"],
  [7, "Search and catalogue"],
  [9, "Order management"],
  [5, "Accounts and sign-in"],
  [8, "Integrations"],
  [7, "Site reliability"],
  [3, "Quality engineering"],
  [9, "Data platform"],
  [4, "Analytics"],
  [5, "Machine learning"],
  [3, "Security operations"],
  [3, "Directory services"],
  [3, "Workplace IT"],
  [3, "Support engineering"],
  [1, "Legal engineering"],
  [1, "People operations"],
  [2, "Controlling"],
];

/** Every machine identity of Nordwind, the same for the same seed. */
export function machinesOf(seed: string, company: Company): Machine[] {
  const machines: Machine[] = famous(company);
  const taken = new Set(machines.map((machine) => machine.name));
  for (const [kind, { count, unowned, growth, gone }] of Object.entries(plan)) {
    const random = randomOf(`${seed}/${kind}`);
    const named = machines.filter((machine) => machine.kind === kind);
    const made: Machine[] = [];
    while (made.length < count - named.length + gone) made.push(draw(kind as Machine["kind"], company, random, taken));
    const orphans = unowned - named.filter((machine) => !machine.owner).length;
    for (const machine of random.some(made.slice(gone), orphans)) leaveBehind(machine);
    for (const machine of made.slice(0, gone)) machine.until = -random.int(0, historyDays - 2);
    for (const machine of random.some(made.slice(gone), growth)) startAnew(machine, random);
    machines.push(...made);
  }
  return machines;
}

// Nobody's any more: nobody says what it is for, its key is old, and half of them have gone quiet.
function leaveBehind(machine: Machine): void {
  machine.owner = null;
  machine.backupOwner = null;
  machine.purpose = null;
  machine.criticality = null;
  if (machine.keyAge !== null) machine.keyAge = Math.max(machine.keyAge, 300 + (machine.from % 700) * -1);
}

function startAnew(machine: Machine, random: Random): void {
  machine.from = -random.int(0, historyDays - 2);
  machine.use.stoppedOn = null;
  if (machine.keyAge !== null) machine.keyAge = Math.min(machine.keyAge, -machine.from);
}

function draw(kind: Machine["kind"], company: Company, random: Random, taken: Set<string>): Machine {
  const team = company.teamNamed(random.weighted(teamsWithMachines)[1]);
  const environment = kind === "ai_agent" || kind === "bot" ? "production" : environmentOf(random);
  const { name, purpose } = nameMachine(kind, team.name, team.slug, environment, random, taken);
  const from = -random.int(historyDays + 5, kind === "ai_agent" ? 300 : 1_900);
  const owner = random.chance(0.35) ? random.pick(team.members) : team.lead;
  const remembered = random.chance(0.9);
  return {
    name,
    kind,
    team: team.name,
    owner: isSettled(owner) ? owner : team.lead,
    backupOwner: random.chance(0.3) ? random.pick(team.members.filter(isSettled)) : null,
    purpose: remembered ? purpose : null,
    environment,
    criticality: random.chance(0.75) ? criticalityOf(environment, random) : null,
    systems: systemsOf(kind, environment, random),
    use: habitOf(kind, random, from),
    keyAge: keyAgeOf(kind, random, from),
    privilege: privilegeOf(kind, random),
    from,
    until: null,
  };
}

// Somebody who was there when the history began, and still is.
function isSettled(person: Person): boolean {
  return person.until === null && person.from < -historyDays;
}

function nameMachine(
  kind: Machine["kind"],
  team: string,
  slug: string,
  environment: Environment,
  random: Random,
  taken: Set<string>,
): { name: string; purpose: string } {
  for (let round = 0; ; round++) {
    const noun = random.pick(nounsOf(team));
    const [verb, words] = random.pick(tasks[kind]);
    const suffix = round > 3 ? `-${random.int(2, 9)}` : "";
    const stem = `${noun}-${verb}${suffix}`;
    const tail = environment === "production" ? "" : environment === "staging" ? "-stg" : "-dev";
    const names: Record<Machine["kind"], string> = {
      service_account: `svc-${stem}${tail}`,
      api_client: `${stem}-client${tail}`,
      ci_pipeline: `nordwind/${noun}: ${verb}${suffix}${tail}`,
      workload: `${stem}${tail}`,
      bot: `${stem}-bot`,
      ai_agent: `${stem}-agent`,
    };
    const name = names[kind];
    if (taken.has(name)) continue;
    taken.add(name);
    return { name, purpose: purposeOf(words, noun, slug) };
  }
}

function environmentOf(random: Random): Environment {
  const draw = random.next();
  return draw < 0.62 ? "production" : draw < 0.84 ? "staging" : "development";
}

function criticalityOf(environment: Environment, random: Random): Criticality {
  if (environment !== "production") return random.pick(["low", "low", "medium"]);
  return random.pick(["low", "medium", "medium", "high", "high", "critical"]);
}

function systemsOf(kind: Machine["kind"], environment: Environment, random: Random): string[] {
  const production = environment === "production";
  const cluster = production ? "k8s-prod" : "k8s-staging";
  const cloud = production ? "aws-prod" : "aws-dev";
  const also = (share: number, system: string) => (random.chance(share) ? [system] : []);
  switch (kind) {
    case "service_account": {
      const home = random.pick(["ldap-emea", "ldap-emea", cloud, cloud, "warehouse", "entra-nordwind"]);
      return [...new Set([home, ...also(0.16, "warehouse"), ...also(0.12, cloud), ...also(0.06, "ldap-emea")])];
    }
    case "api_client":
      return [random.pick([...Array(9).fill("api-gateway"), "sftp-dmz", "entra-nordwind"]), ...also(0.04, "warehouse")];
    case "ci_pipeline":
      return ["github-nordwind", ...also(0.45, cloud), ...also(0.3, cluster)];
    case "workload":
      return [cluster, ...also(0.3, cloud), ...also(0.08, "warehouse")];
    case "bot":
      return [random.pick(["slack-nordwind", "slack-nordwind", "github-nordwind", "zendesk"])];
    case "ai_agent":
      return [
        "agent-hub",
        ...also(0.45, "github-nordwind"),
        ...also(0.3, "zendesk"),
        ...also(0.3, "slack-nordwind"),
        ...also(0.2, "warehouse"),
      ];
  }
}

function habitOf(kind: Machine["kind"], random: Random, from: number): Use {
  const dormant = {
    service_account: 0.3,
    api_client: 0.26,
    ci_pipeline: 0.14,
    workload: 0.04,
    bot: 0.3,
    ai_agent: 0.06,
  };
  const everyMinutes = random.pick([1, 15, 60, 240, 1_440, 1_440, 10_080, 10_080, 43_200, 86_400]);
  if (random.chance(0.025)) return { everyMinutes, stoppedOn: from - 1 };
  if (!random.chance(dormant[kind])) return { everyMinutes, stoppedOn: null };
  return {
    everyMinutes,
    stoppedOn: Math.max(from + 1, -random.pick([14, 35, 60, 95, 120, 150, 190, 260, 330, 420, 560])),
  };
}

function keyAgeOf(kind: Machine["kind"], random: Random, from: number): number | null {
  if (kind === "ci_pipeline" || kind === "workload")
    return random.chance(0.12) ? Math.min(-from, random.int(30, 700)) : null;
  const draw = random.next();
  const age = draw < 0.5 ? random.int(2, 110) : draw < 0.85 ? random.int(90, 400) : random.int(366, 1_500);
  return Math.min(-from, age);
}

function privilegeOf(kind: Machine["kind"], random: Random): 1 | 2 | 3 | 4 {
  const draw = random.next();
  if (kind === "service_account" && draw > 0.985) return 4;
  if (draw > 0.975) return 3;
  return draw > 0.5 ? 2 : 1;
}
