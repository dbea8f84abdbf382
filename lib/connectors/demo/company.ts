import { loginOf, nameOf } from "./names";
import { type Random, randomOf } from "./random";
import { type Company, domain, historyDays, type Person, type Team } from "./schema";

// Team, size, titles from junior to senior; the first person of a team leads it.
const plan: Record<string, { head: string; teams: readonly (readonly [string, number, string])[] }> = {
  Engineering: {
    head: "Chief technology officer",
    teams: [
      ["Payments platform", 15, "Software engineer"],
      ["Cluster team", 11, "Platform engineer"],
      ["Developer tools", 12, "Software engineer"],
      ["Storefront", 19, "Software engineer"],
      ["Mobile apps", 14, "Mobile engineer"],
      ["Search and catalogue", 14, "Software engineer"],
      ["Order management", 17, "Software engineer"],
      ["Accounts and sign-in", 10, "Software engineer"],
      ["Integrations", 12, "Integration engineer"],
      ["Site reliability", 14, "Site reliability engineer"],
      ["Quality engineering", 11, "Test engineer"],
    ],
  },
  Data: {
    head: "Head of data",
    teams: [
      ["Data platform", 14, "Data engineer"],
      ["Analytics", 13, "Analyst"],
      ["Machine learning", 12, "Machine learning engineer"],
    ],
  },
  Security: {
    head: "Chief information security officer",
    teams: [
      ["Security operations", 9, "Security engineer"],
      ["Product security", 7, "Security engineer"],
    ],
  },
  "IT operations": {
    head: "Head of IT",
    teams: [
      ["Workplace IT", 12, "Systems administrator"],
      ["Directory services", 6, "Systems administrator"],
      ["Network", 6, "Network engineer"],
    ],
  },
  Finance: {
    head: "Chief financial officer",
    teams: [
      ["Accounting", 14, "Accountant"],
      ["Controlling", 9, "Analyst"],
      ["Procurement", 8, "Buyer"],
    ],
  },
  Legal: {
    head: "General counsel",
    teams: [
      ["Counsel", 6, "Counsel"],
      ["Legal engineering", 4, "Legal engineer"],
    ],
  },
  "People operations": { head: "Chief people officer", teams: [["People operations", 15, "People partner"]] },
  Support: {
    head: "Head of support",
    teams: [
      ["Support EMEA", 27, "Support agent"],
      ["Support Americas", 14, "Support agent"],
      ["Support engineering", 8, "Support engineer"],
    ],
  },
  Sales: {
    head: "Chief revenue officer",
    teams: [
      ["Sales EMEA", 26, "Account executive"],
      ["Sales Americas", 16, "Account executive"],
    ],
  },
  Marketing: { head: "Chief marketing officer", teams: [["Marketing", 22, "Marketing manager"]] },
};

// People the rest of the demo speaks of, at the head of their team or in it.
const known: Record<string, readonly string[]> = {
  "Payments platform": ["Sofia Marek", "Li Wei"],
  "Data platform": ["Anna Lindqvist"],
  "Security operations": ["Ines Okafor"],
  "Directory services": ["Henrik Sand"],
  Integrations: ["Priya Raman"],
  "Support engineering": ["Diego Santos"],
  "Order management": ["Karin Holm", "Tom Brandt"],
  "Site reliability": ["Mehmet Yılmaz", "Jonas Weber"],
  Controlling: ["Camille Béranger", "Marta Kowalczyk"],
};

const sites = ["Hamburg", "Hamburg", "Hamburg", "Stockholm", "Kraków", "Lisbon", "Lagos", "Bengaluru", "Toronto"];
const joiners = 38;
const leavers = 26;

/** The people of Nordwind, the same for the same seed. */
export function companyOf(seed: string): Company {
  const random = randomOf(`${seed}/people`);
  const taken = new Set(Object.values(known).flat());
  const people: Person[] = [];
  const teams: Team[] = [];
  const hire = (facts: Pick<Person, "title" | "department" | "team" | "manager" | "isLead">, name?: string): Person => {
    const given = name ?? nameOf(random, taken);
    const login = loginOf(given);
    const life = { from: -random.int(historyDays + 2, 3_400), until: null };
    const person = {
      ...facts,
      ...life,
      name: given,
      login,
      email: `${login}@${domain}`,
      number: "",
      site: random.pick(sites),
    };
    people.push(person);
    return person;
  };
  const chief = hire({
    title: "Chief executive officer",
    department: "Management",
    team: "Management",
    manager: null,
    isLead: true,
  });
  for (const [department, { head, teams: planned }] of Object.entries(plan)) {
    const top = hire({ title: head, department, team: department, manager: chief, isLead: true });
    for (const [team, size, title] of planned) {
      const names = known[team] ?? [];
      const lead = hire({ title: `${team} lead`, department, team, manager: top, isLead: true }, names[0]);
      const members = [lead];
      for (let index = 1; index < size; index++) {
        const rank = random.pick(["", "", "Senior ", "Senior ", "Junior ", "Principal "]);
        const full = `${rank}${rank ? title.toLowerCase() : title}`;
        members.push(hire({ title: full, department, team, manager: lead, isLead: false }, names[index]));
      }
      teams.push({ name: team, slug: team.toLowerCase().replaceAll(" ", "-"), department, lead, members });
    }
  }
  liveThrough(people, random.fork("lives"), hire);
  numberAll(people);
  const byName = new Map(teams.map((team) => [team.name, team]));
  const teamNamed = (name: string) => {
    const team = byName.get(name);
    if (!team) throw new Error(`Nordwind has no team "${name}"`);
    return team;
  };
  return { people, teams, teamNamed };
}

// Who joined and who left in the weeks that are replayed. A leaver has a desk of their own, so that the head count of
// the plan is the one at the anchor.
function liveThrough(people: Person[], random: Random, hire: (facts: Person, name?: string) => Person): void {
  const movable = people.filter((person) => !person.isLead && !Object.values(known).flat().includes(person.name));
  for (const person of random.some(movable, joiners)) person.from = -random.int(0, historyDays - 2);
  for (const seat of random.some(movable, leavers)) {
    const leaver = hire({ ...seat });
    leaver.until = -random.int(0, historyDays - 2);
    leaver.from = leaver.until - random.int(90, 2_000);
  }
  const marta = people.find((person) => person.name === "Marta Kowalczyk");
  if (marta) marta.until = -2;
}

// Numbers go up with the day of hiring; two people left long ago and nobody reuses theirs.
function numberAll(people: Person[]): void {
  const byDay = people.toSorted((one, other) => one.from - other.from || one.login.localeCompare(other.login));
  for (const [index, person] of byDay.entries()) person.number = `NW-${1_004 + index * 3}`;
  const logins = new Map<string, number>();
  for (const person of byDay) {
    const count = (logins.get(person.login) ?? 0) + 1;
    logins.set(person.login, count);
    if (count > 1) person.login = `${person.login}${count}`;
    person.email = `${person.login}@${domain}`;
  }
}
