import { randomBytes } from "node:crypto";
import { runOnce, type TaskList } from "graphile-worker";
import { type PersonActor, system } from "../auth/actor";
import type { Role } from "../auth/permissions";
import { createConnection } from "../connections/create-connection";
import { requestSync } from "../connections/request-sync";
import { runSync } from "../connections/run-sync";
import { adminOption, makeProvisioner, provisioner } from "../connectors/postgresql/test-provisioner";
import { db, pool, rows } from "../db/client";
import { startServer18, type TestServer } from "../db/test-clusters";
import { freshDatabase } from "../db/test-database";
import { activateGrant } from "../grants/activate-grant";
import { compareGrants } from "../grants/compare-grants";
import { convergeAccess } from "../grants/converge-access";
import { convergeCredential } from "../grants/converge-credential";
import { endDueGrant } from "../grants/end-due-grant";
import { jobs } from "../jobs/schema";
import { loadPolicies } from "../policies/load-policies";
import { now } from "../time";
import { settleRequest } from "./settle-request";

// For tests: a company of people, a real PostgreSQL that Rollcall gives access in, and the worker's jobs run at a word.

export const worker = system("worker");

export type World = {
  server: TestServer;
  connectionId: string;
  people: Record<string, PersonActor & { identityId: string }>;
  /** Does the account hold the role now, as the server itself says? */
  holds(account: string, role: string): Promise<boolean>;
  drop(): Promise<void>;
};

/** Who there is: Ann reports to Bob, who reports to Dana; Cara owns the system; Sid and Sue are security. */
const company: { name: string; manager?: string; roles: Role[] }[] = [
  { name: "dana", roles: ["member"] },
  { name: "bob", manager: "dana", roles: ["member"] },
  { name: "ann", manager: "bob", roles: ["member"] },
  { name: "eve", manager: "bob", roles: ["member"] },
  { name: "cara", roles: ["member"] },
  { name: "sid", roles: ["security"] },
  { name: "sue", roles: ["security"] },
  { name: "adam", roles: ["administrator"] },
];

/** Starts it all. The clock runs until a test stops it. */
export async function startWorld(start: () => Promise<TestServer> = startServer18): Promise<World> {
  process.env.ROLLCALL_ENCRYPTION_KEY = randomBytes(32).toString("base64");
  const [database, server] = await Promise.all([freshDatabase(), start()]);
  await loadPolicies(worker);
  const people = await makePeople();
  await makeRoles(server);
  const connectionId = await connect(server, people.cara?.identityId ?? "");
  return {
    server,
    connectionId,
    people,
    holds: (account, role) => holds(server, account, role),
    drop: async () => {
      await database.drop();
      await server.stop();
    },
  };
}

/** Someone of the company. */
export function person(world: World, name: string): PersonActor & { identityId: string } {
  const found = world.people[name];
  if (!found) throw new Error(`there is no ${name}`);
  return found;
}

export async function makePeople(): Promise<World["people"]> {
  const people: World["people"] = {};
  for (const { name, manager, roles } of company) {
    const email = `${name}@acme.test`;
    const managerId = manager ? people[manager]?.identityId : null;
    const facts = { name, email, kind: "human", kindReason: "test", firstSeenAt: now(), managerId };
    const { id: identityId } = await db().identity.create({ data: facts, select: { id: true } });
    const user = await db().user.create({ data: { name, email, roles, identityId }, select: { id: true } });
    people[name] = actorOf({ userId: user.id, identityId, name, email, roles });
  }
  return people;
}

function actorOf(facts: Pick<PersonActor, "userId" | "name" | "email" | "roles"> & { identityId: string }) {
  const rest = { sessionId: null, tokenId: null, authenticatedBy: "test", scopes: null, requestId: null };
  return { type: "person" as const, ...facts, ...rest };
}

/** Roles, accounts and a table, and the role that gives access. */
export async function makeRoles(server: TestServer): Promise<void> {
  const client = await server.connect();
  try {
    await client.query(`create table invoices (id int); insert into invoices values (1);
      create role analysts; create role auditors; create role admins; create role ann login password 'ann'; create role eve login password 'eve';
      grant select on invoices to analysts; grant insert on invoices to auditors; grant all on invoices to admins;`);
  } finally {
    await client.end();
  }
  await makeProvisioner(server);
  const again = await server.connect();
  try {
    for (const role of ["analysts", "auditors", "admins"]) await again.query(adminOption(server, role));
    await again.query(`grant all on invoices to "${provisioner}" with grant option`);
  } finally {
    await again.end();
  }
}

/** Connects a server that was prepared as this world's, and gives its accounts the people of their names. */
export async function connect(server: TestServer, ownerId: string, name = "warehouse"): Promise<string> {
  const { id } = await createConnection(worker, {
    name,
    connector: "postgresql",
    environment: "production",
    settings: {
      host: "127.0.0.1",
      port: server.port,
      user: server.user,
      provisionUser: provisioner,
      sslmode: "disable",
    },
    secrets: { password: server.password, provisionPassword: "provision-canary" },
    syncNow: false,
  });
  await db().connection.update({ where: { id }, data: { ownerId } });
  await sync(id);
  await rows(
    `update principals p set identity_id = i.id, match_rule = 'person', match_set_by = 'test'
    from identities i where i.name = p.name and p.type = 'account' and i.email is not null`,
  );
  return id;
}

/** Reads the system again, and compares the grants with it. */
export async function sync(connectionId: string): Promise<void> {
  const { runId } = await requestSync(worker, { id: connectionId });
  await runSync(worker, { runId });
  await compareGrants(worker, { connectionId });
}

async function holds(server: TestServer, account: string, role: string): Promise<boolean> {
  const client = await server.connect();
  try {
    const { rows } = await client.query<{ held: boolean }>(
      "select exists (select 1 from pg_auth_members m where m.member = to_regrole($1) and m.roleid = to_regrole($2)) held",
      [account, role],
    );
    return rows[0]?.held ?? false;
  } finally {
    await client.end();
  }
}

const tasks: TaskList = {
  "activate-grant": (payload) => activateGrant(worker, jobs["activate-grant"].parse(payload)),
  "converge-access": async (payload) => void (await convergeAccess(worker, jobs["converge-access"].parse(payload))),
  "converge-credential": async (payload) =>
    void (await convergeCredential(worker, jobs["converge-credential"].parse(payload))),
  "end-grant": (payload) => endDueGrant(worker, jobs["end-grant"].parse(payload)),
  "settle-request": (payload) => settleRequest(worker, jobs["settle-request"].parse(payload)),
};

/** Runs the jobs that are due, and those that they order, until none is left. @param more jobs of other parts */
export async function runJobs(more: TaskList = {}): Promise<void> {
  await runOnce({ pgPool: pool(), taskList: { ...tasks, ...more }, noHandleSignals: true });
}

/** What happened to a request's grants. */
export function grantsOf(requestId: string) {
  return db().grant.findMany({ where: { requestId }, orderBy: { id: "asc" } });
}

/** What `work` refuses with, as code and message; fails where it does not refuse. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  const answer = await work.then(
    () => "was not refused",
    (error) => (error instanceof Error && "code" in error ? `${error.code}: ${error.message}` : Promise.reject(error)),
  );
  return String(answer);
}
