import { randomBytes } from "node:crypto";
import { createConnection } from "../connections/create-connection";
import { hasSlapd, type TestSlapd } from "../connectors/ldap/test-slapd";
import { makeProvisioner } from "../connectors/postgresql/test-provisioner";
import { closeDatabase, db, rows } from "../db/client";
import { migrate } from "../db/migrate";
import { type MortalServer, startMortalServer18 } from "../db/test-clusters";
import { makeGallows } from "../db/test-gallows";
import { resetEnv } from "../env";
import { loadPolicies } from "../policies/load-policies";
import { startWorkerProcess, type WorkerProcess } from "../requests/test-worker-process";
import { worker } from "../requests/test-world";
import { now } from "../time";
import {
  addToDirectory,
  asProvisioner,
  connectServer,
  directorySettings,
  makeRoles,
  readAll,
  startDirectory,
} from "./test-worlds";

// For tests: our own database, a PostgreSQL and a directory that can all be killed, and people who each have the same in
// them: an account in both, a membership in both, and a live grant.

export type MortalWorld = {
  ours: MortalServer;
  target: MortalServer;
  slapd: TestSlapd | null;
  gallows: ReturnType<typeof makeGallows>;
  /** A worker that has started, and reaches our database only once it is let. */
  nextWorker(): Promise<Waiting>;
  stop(): Promise<void>;
};

export type Waiting = { process: WorkerProcess; go(): WorkerProcess };

const groups = ["readers", "auditors"];

export async function startMortalWorld(names: readonly string[]): Promise<MortalWorld> {
  process.env.ROLLCALL_ENCRYPTION_KEY = randomBytes(32).toString("base64");
  const [ours, target, slapd] = await Promise.all([
    startMortalServer18(),
    startMortalServer18(),
    hasSlapd() ? startDirectory() : null,
  ]);
  await closeDatabase();
  process.env.DATABASE_URL = ours.url;
  resetEnv();
  await migrate(ours.url);
  await loadPolicies(worker);
  const gallows = makeGallows();
  const ways = [await gallows.way({ port: target.port, place: "target" })];
  const connections = [await connectTarget(target, ways[0]?.port ?? 0, names)];
  if (slapd) {
    ways.push(await gallows.way({ port: slapd.port, place: "target" }));
    connections.push(await connectSlapd(slapd, ways[1]?.port ?? 0, names));
  }
  for (const name of names) {
    const facts = { name, email: `${name}@acme.test`, kind: "human", kindReason: "test", firstSeenAt: now() };
    await db().identity.create({ data: facts, select: { id: true } });
  }
  await readAll({ connections });
  await asProvisioner(
    target,
    names.map((name) => `grant auditors to ${name}`),
  );
  await rows(liveGrants, [connections[0], names]);
  return {
    ...{ ours, target, slapd, gallows },
    nextWorker: async () => {
      const way = await gallows.way({ port: ours.port, place: "database", closed: true });
      ways.push(way);
      const url = ours.url.replace(`:${ours.port}/`, `:${way.port}/`);
      const process = startWorkerProcess({ DATABASE_URL: url });
      return {
        process,
        go: () => {
          way.open();
          return process;
        },
      };
    },
    stop: async () => {
      await closeDatabase();
      await Promise.all(ways.map((way) => way.stop()));
      await Promise.all([ours.stop(), target.stop(), slapd?.stop()]);
    },
  };
}

async function connectTarget(target: MortalServer, port: number, names: readonly string[]): Promise<string> {
  await makeProvisioner(target);
  await makeRoles(target, { accounts: [...names], groups });
  await asProvisioner(
    target,
    names.map((name) => `grant readers to ${name}`),
  );
  return connectServer({ ...target, port }, "cluster");
}

async function connectSlapd(slapd: TestSlapd, port: number, names: readonly string[]): Promise<string> {
  addToDirectory(slapd, { people: [...names], groups: { pilots: [...names] } });
  const { id } = await createConnection(worker, {
    ...{ name: "directory", connector: "ldap", environment: "production", syncNow: false },
    // In plain text, so that the way to it can tell one request from another.
    settings: { ...directorySettings(slapd), port, security: "plain", ca: "" },
    secrets: { password: "a long random password", provisionPassword: "a long random password" },
  });
  return id;
}

// As the worker leaves them once they are given: the membership itself is there already.
const liveGrants = `
  with people as (select i.id as person, p.id as account, gen_random_uuid() as "grant" from identities i
      join principals p on p.identity_id = i.id and p.connection_id = $1::uuid and p.type = 'account' where i.name = any($2::text[]) and i.kind_reason = 'test'),
    g as (select id from principals where connection_id = $1::uuid and name = 'auditors' and type = 'group'),
    grants as (insert into grants (id, subject_id, connection_id, account_id, give, group_id, permission, resource_type, resource_external_id, resource_name,
        privilege, state, duration_seconds, created_at, starts_at, activated_at, ends_at, policy_version)
      select "grant", person, $1::uuid, account, 'assignment', g.id, 'member', 'group', 'auditors', 'auditors', 1, 'active', 86400, now(), now(), now(),
        now() + interval '1 day', (select max(version) from policy_sets) from people, g returning 1),
    edges as (insert into memberships (connection_id, member_id, group_id, inherits, switches, administers, first_seen_at)
      select $1::uuid, account, g.id, true, true, false, now() from people, g returning 1),
    reasons as (insert into justifications (connection_id, account_id, group_id, type, grant_id, since, until)
      select $1::uuid, account, g.id, 'grant', "grant", now(), now() + interval '1 day' from people, g returning 1)
  insert into managed_accesses (connection_id, account_id, group_id, state, intended_at)
    select $1::uuid, account, g.id, 'held', now() from people, g`;
