import { type Company, domain } from "./schema";
import { addKey, addMachine, addPerson, idOf, lifeOf, machinesHere, peopleOf, type Stage, slugOf } from "./stage";

/** The HR system: who works here, since when, for whom. */
export function furnishPeople(stage: Stage): void {
  const { world, company } = stage;
  const workers = world.resource("people", "workers", { name: "Workers" });
  const hr = world.group("hr-partners", { name: "HR partners" });
  world.grant(hr, workers, ["read worker", "edit worker"]);
  for (const person of company.people) {
    world.account({
      from: person.from,
      email: person.email,
      id: person.number,
      name: person.name,
      displayName: person.name,
      employeeNumber: person.number,
      ...(person.manager ? { manager: person.manager.number } : {}),
      hint: { kind: "human", reason: "it is a worker in the HR system" },
      until: person.until === null ? null : person.until + 30,
      disabledFrom: person.until,
      attributes: { department: person.department, team: person.team, title: person.title, site: person.site },
      use: null,
    });
    if (person.department === "People operations") world.join(person.number, hr);
  }
}

/** Single sign-on: everybody, nested groups by department and team, applications given to groups. */
export function furnishEntra(stage: Stage): void {
  const { world, company, random } = stage;
  const tenant = world.resource("tenant", domain, { name: "Nordwind tenant" });
  const all = world.group("grp-all-staff", { name: "All staff" });
  nestTeams(stage, company, all);
  for (const person of company.people) {
    const id = idOf(person.number, 12, "0123456789abcdef");
    const account = addPerson(stage, person, { id, name: person.email, employeeNumber: person.number }, { busy: 0.96 });
    world.join(account, person.department === "Management" ? all : `grp-${slugOf(person.team)}`);
    world.credential({
      account,
      kind: "password",
      id,
      name: "Password",
      from: person.from,
      until: person.until,
      created: Math.max(person.from, -random.int(5, 360)),
      use: null,
    });
  }
  for (const application of applications) {
    const resource = world.resource("application", slugOf(application), { name: application });
    const holders = random.chance(0.3)
      ? ["grp-all-staff"]
      : random.some(company.teams, random.int(2, 7)).map((team) => `grp-${team.slug}`);
    for (const holder of holders) world.grant(holder, resource, ["user"]);
  }
  for (const machine of machinesHere(stage)) {
    const account = addMachine(stage, machine, { id: idOf(machine.name, 12, "0123456789abcdef"), name: machine.name });
    addKey(stage, machine, account, {
      kind: "client_secret",
      id: idOf(`${machine.name}/secret`, 10),
      name: "Client secret",
      expiresAfter: 730,
    });
    world.grant(account, world.resource("application", slugOf(random.pick(applications))), ["owner"], lifeOf(machine));
    if (machine.privilege === 4)
      world.grant(account, tenant, ["Global Administrator"], { ...lifeOf(machine), pattern: { grants: "everything" } });
  }
  const admins = peopleOf(stage, "Directory services", "Workplace IT").filter((person) => person.until === null);
  for (const [index, person] of admins.entries()) {
    const id = idOf(person.number, 12, "0123456789abcdef");
    if (index < 3)
      world.grant(id, tenant, ["Global Administrator"], { from: person.from, pattern: { grants: "everything" } });
    else world.grant(id, tenant, ["User Administrator"], { from: person.from });
  }
}

// All staff ← department ← team.
function nestTeams({ world }: Stage, company: Company, all: string): void {
  for (const team of company.teams) {
    const department = world.group(`grp-dep-${slugOf(team.department)}`, { name: `Department ${team.department}` });
    world.join(department, all);
    world.join(world.group(`grp-${team.slug}`, { name: team.name }), department);
  }
  for (const person of company.people) {
    if (person.team !== person.department || person.department === "Management") continue;
    world.join(world.group(`grp-${slugOf(person.team)}`, { name: person.team }), all);
  }
}

const applications = (
  "Expenses Payroll Travel Wiki Issue-tracker Calendar Video-calls E-signature CRM ERP Survey-tool Whiteboard Learning " +
  "Analytics-studio Status-page Feature-flags Error-tracker Build-farm Device-farm Design-studio Translation Fleet Recruiting " +
  "Contracts Vendor-portal Tax-desk Treasury Phone-system Mail-archive Print-portal VPN Password-safe Test-lab Parcel-labels"
)
  .split(" ")
  .map((name) => name.replaceAll("-", " "));

/** The old Active Directory of EMEA: service accounts above all, groups five deep, shares. */
export function furnishLdap(stage: Stage): void {
  const { world, random, company } = stage;
  const root = world.resource("directory", "DC=emea,DC=nordwind,DC=example", { name: "emea.nordwind.example" });
  const unit = world.resource("unit", "OU=Services,DC=emea", { name: "Services", parent: root });
  const users = world.resource("unit", "OU=People,DC=emea", { name: "People", parent: root });
  const chain = [
    "GG-Everyone",
    "GG-Apps",
    "GG-Business-Apps",
    "GG-Finance-Apps",
    "GG-Finance-Close",
    "GG-Ledger-Write",
  ];
  for (const [index, name] of chain.entries()) {
    world.group(name);
    if (index > 0) world.join(name, chain[index - 1] ?? "");
  }
  const admins = world.group("Domain Admins", { name: "Domain Admins" });
  world.grant(admins, root, ["Domain Admins"], { pattern: { grants: "everything" }, privilege: 4 });
  const desk = world.group("GG-Helpdesk");
  world.grant(desk, users, ["Reset password", "Read all properties"]);
  const shares = furnishShares(stage);
  const groups = company.teams.map((team) => {
    const group = world.group(`GG-${team.name.replaceAll(" ", "-")}`);
    world.join(group, random.pick(chain.slice(0, 4)));
    for (const share of random.some(shares, random.int(2, 8)))
      world.grant(group, share, [random.pick(["Read", "Modify"])]);
    return group;
  });
  for (const person of peopleOf(stage, "IT operations", "Finance", "Legal", "Support EMEA", "People operations")) {
    const account = addPerson(
      stage,
      person,
      { id: `CN=${person.name},OU=People,DC=emea`, name: person.login, employeeNumber: person.number },
      { forgets: 0.12 },
    );
    world.join(account, `GG-${person.team.replaceAll(" ", "-")}`);
    if (person.team === "Workplace IT") world.join(account, desk);
    if (person.team === "Directory services" && person.isLead) world.join(account, admins);
    world.credential({
      account,
      kind: "password",
      id: person.login,
      name: "Password",
      from: person.from,
      until: person.until,
      created: Math.max(person.from, -random.int(10, 500)),
      use: null,
    });
  }
  for (const machine of machinesHere(stage)) {
    const account = addMachine(stage, machine, { id: `CN=${machine.name},OU=Services,DC=emea`, name: machine.name });
    addKey(stage, machine, account, { kind: "password", id: machine.name, name: "Password, never expires" });
    for (const group of random.some(groups, random.int(1, 3))) world.join(account, group, lifeOf(machine));
    for (const share of random.some(shares, random.int(0, 3)))
      world.grant(account, share, [machine.privilege > 1 ? "Modify" : "Read"], lifeOf(machine));
    if (machine.privilege === 4) world.join(account, admins, lifeOf(machine));
    else if (machine.privilege === 3) world.grant(account, unit, ["Create users", "Reset password"], lifeOf(machine));
    if (machine.name.includes("finance") || machine.name.includes("billing"))
      world.join(account, "GG-Finance-Apps", lifeOf(machine));
  }
}

function furnishShares({ world }: Stage): { type: string; id: string }[] {
  const areas =
    "finance legal hr marketing sales plans archive scans exports imports it-tools backups media contracts payroll audit";
  return areas.split(" ").flatMap((area) =>
    ["", "\\current", "\\2025", "\\2024", "\\inbox"].map((part) => {
      const id = `\\\\fs02\\${area}${part}`;
      return world.resource("share", id, part ? { parent: { type: "share", id: `\\\\fs02\\${area}` } } : {});
    }),
  );
}
