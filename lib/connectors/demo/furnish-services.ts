import { addKey, addMachine, addPerson, idOf, lifeOf, machinesHere, peopleOf, type Stage, slugOf } from "./stage";
import { nounsOf } from "./tasks";

/** The GitHub organisation: teams in teams, repositories, workflows that sign in with tokens of their own. */
export function furnishGithub(stage: Stage): void {
  const { world, company, random } = stage;
  const organisation = world.resource("organisation", "nordwind", { name: "nordwind" });
  const everybody = world.group("team:everybody", { name: "everybody" });
  for (const team of company.teams) {
    const nouns = ["Engineering", "Data", "Security"].includes(team.department) ? nounsOf(team.name) : [];
    if (nouns.length === 0) continue;
    const group = world.group(`team:${team.slug}`, { name: team.slug });
    world.join(group, everybody);
    for (const noun of nouns) {
      for (const part of ["", "-web", "-tools"].slice(0, random.int(1, 3))) {
        const repository = world.resource("repository", `nordwind/${noun}${part}`, { parent: organisation });
        world.grant(group, repository, ["read", "triage", "write"]);
        world.grant(everybody, repository, ["read"]);
      }
    }
  }
  for (const person of peopleOf(stage, "Engineering", "Data", "Security")) {
    const account = addPerson(
      stage,
      person,
      { id: idOf(person.login, 8, "0123456789"), name: person.login.replace(".", "-") },
      { forgets: 0.05 },
    );
    world.join(account, person.team === person.department ? everybody : `team:${slugOf(person.team)}`, lifeOf(person));
    world.grant(
      account,
      organisation,
      [person.isLead && random.chance(0.2) ? "owner" : "member"],
      person.isLead ? { from: person.from } : lifeOf(person),
    );
    if (!random.chance(0.4)) continue;
    world.credential({
      account,
      kind: "personal_access_token",
      id: `ghp_${idOf(person.login, 6)}`,
      name: random.pick(["laptop", "cli", "ci-experiment", "packages"]),
      ...lifeOf(person),
      created: Math.max(person.from, -random.int(5, 700)),
      use: { everyMinutes: 1_440, stoppedOn: random.chance(0.3) ? -random.int(60, 300) : null },
    });
  }
  for (const machine of machinesHere(stage)) {
    const account = addMachine(stage, machine, { id: slugOf(machine.name), name: machine.name });
    addKey(stage, machine, account, {
      kind: "personal_access_token",
      id: `ghs_${idOf(machine.name, 6)}`,
      name: "Token",
    });
    const nouns = random.some(nounsOf(machine.team), machine.kind === "ci_pipeline" ? 1 : random.int(1, 4));
    for (const noun of nouns) {
      const permissions =
        machine.privilege >= 3
          ? ["read", "triage", "write", "maintain", "admin"]
          : machine.privilege === 2
            ? ["read", "triage", "write"]
            : ["read"];
      world.grant(
        account,
        world.resource("repository", `nordwind/${noun}`, { parent: organisation }),
        permissions,
        lifeOf(machine),
      );
    }
  }
}

/** The API gateway: clients, keys and scopes. */
export function furnishGateway(stage: Stage): void {
  const { world, random, company } = stage;
  const apis = company.teams.flatMap((team) =>
    nounsOf(team.name)
      .slice(0, 3)
      .map((noun) => world.resource("api", `/v2/${noun}`)),
  );
  const plans = ["public", "partner", "internal"].map((plan) => {
    const group = world.group(`plan:${plan}`, { name: `Plan ${plan}` });
    for (const api of random.some(apis, plan === "internal" ? 24 : 7)) world.grant(group, api, ["call"]);
    return group;
  });
  for (const machine of machinesHere(stage)) {
    const account = addMachine(stage, machine, { id: `client-${idOf(machine.name, 10)}`, name: machine.name });
    addKey(stage, machine, account, {
      kind: machine.privilege > 1 ? "client_secret" : "api_key",
      id: `key-${idOf(machine.name, 12)}`,
      name: "Key",
      ...(random.chance(0.3) ? { expiresAfter: 730 } : {}),
    });
    world.join(account, random.pick(plans), lifeOf(machine));
    for (const api of random.some(apis, random.int(0, 2))) {
      world.grant(
        account,
        api,
        machine.privilege >= 3
          ? ["call", "call:write", "administer"]
          : machine.privilege === 2
            ? ["call", "call:write"]
            : ["call"],
        lifeOf(machine),
      );
    }
  }
}

/** Zendesk: agents of the help desk, bots, and some accounts that nobody knows. */
export function furnishZendesk(stage: Stage): void {
  const { world, random } = stage;
  const desks = ["General", "Billing", "Delivery", "Returns", "Partners", "Complaints", "Second line"].map((name) =>
    world.resource("desk", slugOf(name), { name }),
  );
  const groups = desks.map((desk) => {
    const group = world.group(`group-${desk.id}`, { name: `Agents ${desk.id}` });
    world.grant(group, desk, ["agent"]);
    return group;
  });
  for (const person of peopleOf(stage, "Support")) {
    const account = addPerson(
      stage,
      person,
      { id: idOf(person.login, 11, "0123456789"), name: person.name },
      { forgets: 0.2 },
    );
    for (const group of random.some(groups, random.int(1, 3))) world.join(account, group, lifeOf(person));
    if (person.isLead) for (const desk of desks) world.grant(account, desk, ["administrator"], lifeOf(person));
  }
  for (const machine of machinesHere(stage)) {
    const account = addMachine(stage, machine, { id: idOf(machine.name, 11, "0123456789"), name: machine.name });
    addKey(stage, machine, account, { kind: "api_key", id: `zd-${idOf(machine.name, 8)}`, name: "API token" });
    for (const desk of random.some(desks, random.int(1, 4)))
      world.grant(account, desk, [machine.privilege > 2 ? "administrator" : "agent"], lifeOf(machine));
  }
  for (const [index, name] of ["Nightshift 2", "Temp agent", "QA", "Agency – Porto", "Old admin", "k.w."].entries()) {
    const account = world.account({
      id: `9${idOf(name, 10, "0123456789")}`,
      name,
      ...(index === 3 ? { email: "team@agency-porto.example" } : {}),
      from: -400 + index * 50,
      until: null,
      use: { everyMinutes: 480, inOfficeHours: true, stoppedOn: null },
    });
    world.join(account, random.pick(groups));
    if (name === "Old admin") for (const desk of desks) world.grant(account, desk, ["administrator"]);
  }
}

/** Slack: everybody, and the bots. */
export function furnishSlack(stage: Stage): void {
  const { world, company, random } = stage;
  const workspace = world.resource("workspace", "T0NORDWIND", { name: "nordwind" });
  const members = world.group("members", { name: "Members" });
  world.grant(members, workspace, ["member"]);
  const channels = ["general", "incidents", "deploys", "releases", "random", "security", "announcements"].concat(
    company.teams.map((team) => `team-${team.slug}`),
  );
  const resources = channels.map((name) => world.resource("channel", name, { name: `#${name}`, parent: workspace }));
  for (const resource of resources.slice(0, 7)) world.grant(members, resource, ["read", "post"]);
  for (const person of company.people) {
    const account = addPerson(stage, person, { id: `U${idOf(person.login, 10)}`, name: person.login });
    world.join(account, members, lifeOf(person));
    if (person.team === "Workplace IT")
      world.grant(account, workspace, [person.isLead ? "owner" : "administrator"], lifeOf(person));
  }
  for (const machine of machinesHere(stage)) {
    const account = addMachine(stage, machine, { id: `B${idOf(machine.name, 10)}`, name: machine.name });
    addKey(stage, machine, account, { kind: "api_key", id: `xoxb-${idOf(machine.name, 8)}`, name: "Bot token" });
    for (const resource of random.some(resources, random.int(1, 6)))
      world.grant(
        account,
        resource,
        machine.privilege > 2 ? ["read", "post", "manage"] : ["read", "post"],
        lifeOf(machine),
      );
  }
}

/** The hub that AI agents run on: tools and models they may call. */
export function furnishAgentHub(stage: Stage): void {
  const { world, random } = stage;
  const tools =
    "search-docs read-tickets write-tickets read-code open-pull-request run-tests query-warehouse send-mail browse-web deploy-preview read-calendar refund-order"
      .split(" ")
      .map((name) => world.resource("tool", name));
  const models = "large small vision embedding".split(" ").map((name) => world.resource("model", name));
  const basic = world.group("profile:basic", { name: "Basic profile" });
  const trusted = world.group("profile:trusted", { name: "Trusted profile" });
  world.join(trusted, basic);
  for (const model of models) world.grant(basic, model, ["call"]);
  for (const tool of tools.slice(0, 4)) world.grant(basic, tool, ["call"]);
  for (const tool of tools.slice(4, 9)) world.grant(trusted, tool, ["call"]);
  for (const person of peopleOf(stage, "Machine learning", "Developer tools")) {
    const account = addPerson(stage, person, { id: person.email, name: person.login });
    for (const tool of random.some(tools, 3)) world.grant(account, tool, ["configure"], lifeOf(person));
  }
  for (const machine of machinesHere(stage)) {
    const account = addMachine(stage, machine, { id: `agent-${idOf(machine.name, 8)}`, name: machine.name });
    addKey(stage, machine, account, {
      kind: "client_secret",
      id: `agt-${idOf(machine.name, 8)}`,
      name: "Client secret",
      expiresAfter: 180,
    });
    world.join(account, random.chance(0.35) ? trusted : basic, lifeOf(machine));
    if (machine.privilege >= 3)
      for (const tool of tools.slice(9)) world.grant(account, tool, ["call", "configure"], lifeOf(machine));
  }
}

/** The file drop for partners in the DMZ. */
export function furnishSftp(stage: Stage): void {
  const { world, random } = stage;
  const folders = "edi-in edi-out prices stock labels customs bank tax catalogue returns archive"
    .split(" ")
    .flatMap((name) => {
      const parent = world.resource("folder", `/srv/${name}`);
      return [parent, world.resource("folder", `/srv/${name}/done`, { parent })];
    });
  const staff = world.group("sftp-admins");
  for (const folder of folders) world.grant(staff, folder, ["read", "write", "manage"]);
  for (const person of peopleOf(stage, "Network")) {
    const account = addPerson(stage, person, { id: person.login, name: person.login, email: undefined });
    world.join(account, staff, lifeOf(person));
  }
  for (const machine of machinesHere(stage)) {
    const name = slugOf(machine.name);
    const account = addMachine(stage, machine, { id: name, name });
    addKey(stage, machine, account, {
      kind: "ssh_key",
      id: `SHA256:${idOf(machine.name, 20)}`,
      name: "ssh-rsa, 2048 bits",
    });
    for (const folder of random.some(folders, random.int(1, 4)))
      world.grant(account, folder, machine.privilege > 1 ? ["read", "write"] : ["read"], lifeOf(machine));
    if (machine.privilege === 4) world.join(account, staff, lifeOf(machine));
  }
}
