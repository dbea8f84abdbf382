import { evaluateAccess } from "@/lib/access/evaluate-access";
import { listIdentityAccess } from "@/lib/access/identity-access-queries";
import { maintainClosure } from "@/lib/access/maintain-closure";
import { listResourceAccess } from "@/lib/access/resource-access-queries";
import { system } from "@/lib/auth/actor";
import { pool, transaction } from "@/lib/db/client";
import { groupId, identityId, levelsOf, resourceId, type World } from "./generate";
import { compare, type Figure, timed } from "./measure";

const bench = system("bench");
const samples = 200;

/** Effective access against the bare queries over the closure. */
export async function benchAccess(world: World): Promise<Figure[]> {
  return [
    await benchDecision(world),
    await benchBatch(world),
    ...(await benchIdentity(world)),
    ...(await benchResources(world)),
    ...(await benchClosure(world)),
  ];
}

const pick = (n: number, among: number) => 1 + ((n * 7_919 + 13) % among);

// May it? Half of the samples may.
const bareDecision = `
  select exists (
    select from principals p
    join memberships m on m.member_id = p.id and m.removed_at is null and m.inherits
    join group_closure c on c.descendant_id = m.group_id and c.inherits
    join assignments s on s.principal_id = c.ancestor_id and s.removed_at is null
    join entitlements e on e.id = s.entitlement_id and e.permission = $3
    join resources r on r.id = e.resource_id and r.type = 'table' and r.external_id = $4
    where p.connection_id = $1 and p.external_id = $2 and p.removed_at is null) as may`;

type Question = { account: string; resource: string };

async function questionsOf({ identities, connectionId }: World): Promise<Question[]> {
  const questions: Question[] = [];
  for (let n = 0; n < samples; n++) {
    const account = `u${pick(n, identities)}`;
    const held = await pool().query<{ external_id: string }>(
      `select r.external_id from principals p join memberships m on m.member_id = p.id
       join assignments s on s.principal_id = m.group_id join entitlements e on e.id = s.entitlement_id
       join resources r on r.id = e.resource_id where p.connection_id = $1 and p.external_id = $2 limit 1`,
      [connectionId, account],
    );
    const other = `app/s.t${pick(n, levelsOf(identities)[0] ?? 1)}`;
    questions.push({ account, resource: n % 2 ? other : (held.rows[0]?.external_id ?? other) });
  }
  return questions;
}

const evaluation = (world: World, { account, resource }: Question) => ({
  subject: { type: "account", id: account },
  action: { name: "SELECT" },
  resource: { type: "table", id: resource },
  context: { connection: world.connection },
});

async function benchDecision(world: World): Promise<Figure> {
  const questions = await questionsOf(world);
  return compare(
    "may X do Y on Z, one question, with paths",
    questions,
    ({ account, resource }) =>
      pool().query({
        name: "bare-decision",
        text: bareDecision,
        values: [world.connectionId, account, "SELECT", resource],
      }),
    (question) => evaluateAccess(bench, { evaluations: [evaluation(world, question)] }),
    2,
  );
}

async function benchBatch(world: World): Promise<Figure> {
  const questions = await questionsOf(world);
  const evaluations = Array.from({ length: 1_000 }, (_, n) =>
    evaluation(world, questions[n % samples] ?? { account: "u1", resource: "app/s.t1" }),
  );
  await evaluateAccess(bench, { evaluations });
  return {
    what: "may X do Y on Z, a thousand questions in one call",
    bareMs: null,
    oursMs: await timed(() => evaluateAccess(bench, { evaluations })),
    atMost: { ms: 2_000 },
  };
}

// The same rows without a path: who reads them learns what an identity has, and not how it comes to it.
const bareRows = `
  select distinct e.id, e.permission, e.privilege, e.condition, r.name, r.external_id
  from principals p
  join memberships m on m.member_id = p.id and m.removed_at is null and m.inherits
  join group_closure c on c.descendant_id = m.group_id and c.inherits
  join assignments s on s.principal_id = c.ancestor_id and s.removed_at is null
  join entitlements e on e.id = s.entitlement_id
  join resources r on r.id = e.resource_id
  where p.identity_id = $1 and p.removed_at is null order by e.id limit 50`;

// The rows with every path to them, in the shortest SQL that gives them: what the page shows, without names of groups,
// last uses and reasons.
const bareIdentity = `
  with recursive up (holder, path) as (
    select p.id, array[p.id] from principals p where p.identity_id = $1 and p.removed_at is null
    union all
    select m.group_id, up.path || m.group_id from up
    join memberships m on m.member_id = up.holder and m.removed_at is null and m.inherits
    where m.group_id <> all (up.path))
  select e.id, e.permission, e.privilege, e.condition, r.type, r.name, r.external_id, json_agg(up.path) as paths
  from up join assignments s on s.principal_id = up.holder and s.removed_at is null
  join entitlements e on e.id = s.entitlement_id join resources r on r.id = e.resource_id
  group by e.id, r.id order by e.id limit 51`;

async function benchIdentity(world: World): Promise<Figure[]> {
  const ids = Array.from({ length: samples }, (_, n) => identityId(pick(n, world.identities)));
  const ours = (id: string) => listIdentityAccess(bench, { identityId: id });
  const against = (name: string, text: string) => (id: string) => pool().query({ name, text, values: [id] });
  const what = "effective access of an identity, first page with paths";
  return [
    await compare(what, ids, against("bare-identity", bareIdentity), ours, 2),
    await compare(`${what}, against the rows without paths`, ids, against("bare-rows", bareRows), ours, 2),
  ];
}

const bareReach = `
  select distinct m.member_id
  from entitlements e
  join assignments s on s.entitlement_id = e.id and s.removed_at is null
  join group_closure c on c.ancestor_id = s.principal_id and c.inherits
  join memberships m on m.group_id = c.descendant_id and m.removed_at is null and m.inherits
  join principals p on p.id = m.member_id and p.type = 'account'
  where e.resource_id = $1 and e.removed_at is null order by m.member_id limit 50`;

async function benchResources({ identities }: World): Promise<Figure[]> {
  const levels = levelsOf(identities);
  const top = levels.slice(0, 5).reduce((sum, size) => sum + size, 0);
  const at = [
    ["held by a group without groups in it", 0, levels[0] ?? 1],
    ["held one level up", levels[0] ?? 1, levels[1] ?? 1],
    ["held at the top, by a good part of everybody", top, levels[5] ?? 1],
  ] as const;
  const figures: Figure[] = [];
  for (const [what, from, size] of at) {
    const ids = Array.from({ length: from === top ? 20 : samples }, (_, n) => resourceId(from + pick(n, size)));
    const bare = (id: string) => pool().query({ name: "bare-reach", text: bareReach, values: [id] });
    const ours = (id: string) => listResourceAccess(bench, { resourceId: id });
    figures.push(await compare(`who can reach Z, first page with paths, ${what}`, ids, bare, ours, 3));
  }
  return figures;
}

// A group in the middle comes into another one, and out again; and the whole from nothing.
async function benchClosure({ connectionId, identities }: World): Promise<Figure[]> {
  const levels = levelsOf(identities);
  const middle = groupId((levels[0] ?? 0) + (levels[1] ?? 0) + (levels[2] ?? 0) + 1);
  const top = groupId(levels.reduce((sum, size) => sum + size, 0));
  const follow = (change: "in" | "out") =>
    transaction(
      async (tx) => {
        if (change === "in") {
          await tx.$executeRaw`insert into memberships (connection_id, member_id, group_id, inherits, switches, administers, first_seen_at)
            values (${connectionId}::uuid, ${middle}::uuid, ${top}::uuid, true, false, false, now())`;
        } else {
          await tx.$executeRaw`delete from memberships where member_id = ${middle}::uuid and group_id = ${top}::uuid`;
        }
        await maintainClosure(tx, connectionId, [middle]);
      },
      { timeoutMs: 60_000 },
    );
  const rebuild = () =>
    transaction(
      async (tx) => {
        await tx.$executeRaw`set local statement_timeout = 0`;
        await tx.$executeRaw`delete from group_closure where connection_id = ${connectionId}::uuid`;
        await maintainClosure(tx, connectionId, "all");
      },
      { timeoutMs: 600_000 },
    );
  const ms = (limit: number) => ({ bareMs: null, atMost: { ms: limit } });
  return [
    { what: "the closure follows a group joining another", oursMs: await timed(() => follow("in")), ...ms(2_000) },
    { what: "the closure follows a group leaving another", oursMs: await timed(() => follow("out")), ...ms(2_000) },
    { what: "the closure is built from nothing", oursMs: await timed(rebuild), ...ms(30_000) },
  ];
}
