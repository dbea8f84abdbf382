import type { Machine } from "./schema";
import { addKey, addMachine, addPerson, idOf, lifeOf, machinesHere, peopleOf, type Stage, slugOf } from "./stage";
import { nounsOf } from "./tasks";

type Resource = { type: string; id: string };
const rights: Record<string, readonly string[][]> = {
  bucket: [
    ["s3:ListBucket", "s3:GetObject"],
    ["s3:GetObject", "s3:PutObject"],
    ["s3:PutObject", "s3:DeleteObject", "s3:PutBucketPolicy"],
  ],
  queue: [["sqs:ReceiveMessage"], ["sqs:ReceiveMessage", "sqs:SendMessage"], ["sqs:SendMessage", "sqs:PurgeQueue"]],
  key: [["kms:Decrypt"], ["kms:Decrypt", "kms:Encrypt"], ["kms:Encrypt", "kms:ScheduleKeyDeletion"]],
  function: [["lambda:GetFunction"], ["lambda:InvokeFunction"], ["lambda:InvokeFunction", "lambda:UpdateFunctionCode"]],
};

/** An AWS account: users and roles, roles that are assumed, policies that are rules. */
export function furnishAws(stage: Stage): void {
  const { world, company, system } = stage;
  const number = system === "aws-prod" ? "418293007155" : "730044129986";
  const account = world.resource("account", `arn:aws:iam::${number}:root`, { name: system });
  const byTeam = new Map(company.teams.map((team) => [team.name, furnishTeam(stage, team.name, team.slug, number)]));
  const role = (name: string) => world.group(`arn:aws:iam::${number}:role/${name}`, { name });
  const admin = role("AdministratorAccess");
  world.grant(admin, account, ["AdministratorAccess"], { pattern: { grants: "everything" }, privilege: 4 });
  const reader = role("ReadOnlyAccess");
  const reads = { grants: "rule", actions: ["s3:Get*", "s3:List*", "lambda:Get*"], resources: ["*"] };
  world.grant(reader, account, ["ReadOnlyAccess"], { pattern: reads });
  const breakGlass = role("BreakGlassAdmin");
  world.grant(breakGlass, account, ["AdministratorAccess"], {
    pattern: { grants: "everything" },
    privilege: 4,
    condition: "aws:MultiFactorAuthPresent = true",
  });
  for (const person of peopleOf(
    stage,
    "Cluster team",
    "Site reliability",
    "Payments platform",
    "Data platform",
    "Security",
  )) {
    const id = addPerson(
      stage,
      person,
      { id: `arn:aws:iam::${number}:user/${person.login}`, name: person.login },
      { forgets: 0.1 },
    );
    world.join(id, reader, { inherits: false, switches: true, from: person.from });
    const own = byTeam.get(person.team);
    if (own) world.join(id, own.role, { inherits: false, switches: true, from: person.from });
    if (person.isLead)
      world.join(id, person.team === "Cluster team" ? admin : breakGlass, {
        inherits: person.team === "Cluster team",
        switches: true,
        from: person.from,
      });
  }
  for (const machine of machinesHere(stage)) {
    const team = byTeam.get(machine.team);
    if (team) addRoleUser(stage, machine, number, team, admin);
  }
}

// A team's role and its buckets, queues, keys and functions.
function furnishTeam(
  { world, random, system }: Stage,
  team: string,
  slug: string,
  number: string,
): { role: string; things: Resource[] } {
  const role = world.group(`arn:aws:iam::${number}:role/${slug}`, { name: `team-${slug}` });
  const stageName = system === "aws-prod" ? "" : "-dev";
  const things = nounsOf(team).flatMap((noun) => [
    world.resource("bucket", `arn:aws:s3:::nordwind-${noun}${stageName}`, { name: `nordwind-${noun}${stageName}` }),
    ...(random.chance(0.5)
      ? [world.resource("queue", `arn:aws:sqs:eu-west-1:${number}:${noun}-events`, { name: `${noun}-events` })]
      : []),
    ...(random.chance(0.4)
      ? [world.resource("function", `arn:aws:lambda:eu-west-1:${number}:function:${noun}`, { name: noun })]
      : []),
  ]);
  const keyId = idOf(`${system}/${slug}`, 8, "0123456789abcdef");
  things.push(world.resource("key", `arn:aws:kms:eu-west-1:${number}:key/${keyId}`, { name: `key/${keyId}` }));
  for (const thing of things) world.grant(role, thing, rights[thing.type]?.[1] ?? []);
  return { role, things };
}

function addRoleUser(
  stage: Stage,
  machine: Machine,
  number: string,
  team: { role: string; things: Resource[] },
  admin: string,
): void {
  const { world, random } = stage;
  const federated = machine.kind === "ci_pipeline" || machine.kind === "workload";
  const name = slugOf(machine.name).replace(/^svc-/, "");
  const id = federated ? `oidc:${slugOf(machine.name)}` : `arn:aws:iam::${number}:user/${name}`;
  const account = addMachine(stage, machine, { id, name: federated ? machine.name : name });
  if (federated) {
    world.credential({
      account,
      kind: "oidc_trust",
      id: `trust/${name}`,
      name: machine.kind === "workload" ? "OIDC trust of the cluster" : "OIDC trust of GitHub Actions",
      from: machine.from,
      until: machine.until,
      created: machine.from,
      use: machine.use,
    });
  } else {
    addKey(stage, machine, account, { kind: "access_key", id: `AKIA${idOf(machine.name, 16)}`, name: "Access key" });
    if (machine.keyAge !== null && machine.keyAge > 300 && random.chance(0.4)) {
      // The second key, which somebody made to rotate the first and then left both.
      world.credential({
        account,
        kind: "access_key",
        id: `AKIA${idOf(`${machine.name}/2`, 16)}`,
        name: "Second access key",
        from: machine.from,
        until: machine.until,
        created: Math.max(machine.from, -random.int(20, 200)),
        use: null,
      });
    }
  }
  if (machine.privilege === 4) {
    world.join(account, admin, { ...lifeOf(machine), inherits: !federated, switches: federated });
    return;
  }
  const level = machine.privilege - 1;
  for (const thing of random.some(team.things, random.int(1, 5))) {
    const condition = random.chance(0.12) ? "aws:SourceVpc = vpc-0a41" : null;
    world.grant(account, thing, rights[thing.type]?.[level] ?? [], { ...lifeOf(machine), condition });
  }
  if (random.chance(0.4)) world.join(account, team.role, { ...lifeOf(machine), inherits: false, switches: true });
  if (random.chance(0.08)) {
    const pattern = { grants: "rule", actions: ["kms:*"], resources: [`arn:aws:kms:eu-west-1:${number}:key/*`] };
    world.grant(account, { type: "account", id: `arn:aws:iam::${number}:root` }, ["kms:*"], {
      ...lifeOf(machine),
      pattern,
      privilege: 3,
    });
  }
  if (machine.name === "svc-billing-export") furnishBilling(stage, account, number);
}

function furnishBilling({ world }: Stage, account: string, number: string): void {
  const role = world.group(`arn:aws:iam::${number}:role/BillingExportRole`, { name: "BillingExportRole" });
  world.join(account, role, { inherits: false, switches: true });
  const reports = world.resource("bucket", "arn:aws:s3:::nordwind-reports", { name: "nordwind-reports" });
  world.grant(role, reports, ["s3:PutObject"], { condition: "aws:SourceVpc = vpc-0a41" });
  world.grant(role, reports, ["s3:ListBucket"]);
}

/** A Kubernetes cluster: service accounts in namespaces, roles bound to groups and to them. */
export function furnishCluster(stage: Stage): void {
  const { world, company, system, random } = stage;
  const cluster = world.resource("cluster", system, { name: system });
  const admins = world.group("system:masters", { name: "system:masters" });
  world.grant(admins, cluster, ["cluster-admin"], { pattern: { grants: "everything" }, privilege: 4 });
  const viewers = world.group("oidc:viewers", { name: "viewers" });
  world.grant(viewers, cluster, ["view"], { pattern: { grants: "all", type: "namespace", permissions: ["view"] } });
  for (const team of company.teams) {
    const group = world.group(`oidc:${team.slug}`, { name: team.name });
    world.join(group, viewers);
    for (const noun of nounsOf(team.name)) {
      const namespace = world.resource("namespace", noun, { parent: cluster });
      if (noun !== "general") world.grant(group, namespace, ["view", "edit"]);
    }
  }
  const operators =
    system === "k8s-prod"
      ? ["Cluster team", "Site reliability"]
      : ["Cluster team", "Site reliability", "Payments platform", "Order management", "Storefront"];
  for (const person of peopleOf(stage, ...operators)) {
    const account = addPerson(stage, person, { id: `oidc:${person.email}`, name: person.login });
    world.join(
      account,
      person.team === "Cluster team" && (person.isLead || random.chance(0.15)) ? admins : `oidc:${slugOf(person.team)}`,
      { from: person.from },
    );
  }
  for (const machine of machinesHere(stage)) {
    const namespace = random.pick(nounsOf(machine.team));
    const account = addMachine(stage, machine, {
      id: `system:serviceaccount:${namespace}:${slugOf(machine.name)}`,
      name: `${namespace}/${slugOf(machine.name)}`,
      attributes: { namespace },
    });
    const home = world.resource("namespace", namespace, { parent: cluster });
    world.grant(
      account,
      home,
      ["view", ...(machine.privilege > 1 ? ["edit"] : []), ...(machine.privilege > 2 ? ["admin"] : [])],
      lifeOf(machine),
    );
    if (machine.privilege === 4) world.join(account, admins, lifeOf(machine));
    if (machine.keyAge !== null)
      addKey(stage, machine, account, {
        kind: "other",
        id: `${slugOf(machine.name)}-token`,
        name: "Token without end",
      });
  }
}
