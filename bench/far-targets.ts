import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { rows } from "@/lib/db/client";
import { startOffboarding } from "@/lib/offboarding/start-offboarding";
import { asProvisioner, connectServer, makeRoles, type Worlds } from "@/lib/offboarding/test-worlds";
import { sync, worker } from "@/lib/requests/test-world";
import { addPeople, leave, p95 } from "./leave";
import type { Figure } from "./measure";
import { until } from "./until";

const targets = 20;
const each = 10;
const delayMs = 50;
const samples = 5;

/** Two hundred grants of one person over twenty systems that answer fifty milliseconds late; and with one of them dead. */
export async function farTargets(worlds: Worlds): Promise<Figure[]> {
  const people = Array.from({ length: samples * 2 + 1 }, (_, n) => `far${n}`);
  const groups = Array.from({ length: targets * each }, (_, n) => `f${n}`);
  const ways = await Promise.all(Array.from({ length: targets }, (_, n) => slowWay(worlds.servers[n % 2]?.port ?? 0)));
  try {
    const connections = await giveFar(worlds, { ways, people, groups });
    await leave(people[0] ?? "");
    const healthy: Awaited<ReturnType<typeof leave>>[] = [];
    for (const name of people.slice(1, samples + 1)) healthy.push(await leave(name));
    ways[targets - 1]?.die();
    const others: number[] = [];
    for (const name of people.slice(samples + 1)) others.push(await untilOthers(name, connections[targets - 1] ?? ""));
    return figuresOf(healthy, others);
  } finally {
    await Promise.all(ways.map((way) => way.stop()));
  }
}

function figuresOf(healthy: readonly { containedMs: number; provenMs: number }[], others: number[]): Figure[] {
  const of = `${targets * each} grants over ${targets} systems ${delayMs} ms away, p95`;
  const contained = p95(healthy.map(({ containedMs }) => containedMs));
  const proven = p95(healthy.map(({ provenMs }) => provenMs));
  return [
    { what: `order to every way in proven shut, ${of}`, bareMs: null, oursMs: contained, atMost: { ms: 5_000 } },
    { what: `order to everything taken and proven, ${of}`, bareMs: null, oursMs: proven, atMost: { ms: 5_000 } },
    {
      what: "the other 19 with one dead, p95, against all healthy",
      bareMs: proven,
      oursMs: p95(others),
      atMost: { ratio: 1.2 },
    },
  ];
}

async function giveFar(worlds: Worlds, of: { ways: Slow[]; people: string[]; groups: string[] }): Promise<string[]> {
  const { ways, people, groups } = of;
  for (const server of worlds.servers) await makeRoles(server, { accounts: people, groups });
  await addPeople(people);
  const connections: string[] = [];
  for (const n of ways.keys()) connections.push(await readFar(worlds, n));
  for (const [n, { port }] of ways.entries())
    await fillFar(worlds, { n, id: connections[n] ?? "", port, groups, people });
  // A sync takes whoever has accounts in so many systems for a machine.
  await rows("update identities set kind = 'human', kind_set_by = 'test' where name like 'far%'");
  return connections;
}

// Read at home, before any of it is given: two of them are one server.
async function readFar(worlds: Worlds, n: number): Promise<string> {
  const server = worlds.servers[n % 2];
  if (!server) throw new Error("there is no server");
  const id = await connectServer(server, `far-${n}`);
  await sync(id);
  await rows(
    `update principals p set identity_id = i.id from identities i
     where i.email = p.name || '@acme.test' and p.connection_id = $1 and p.type = 'account' and i.name like 'far%'`,
    [id],
  );
  return id;
}

type Far = { n: number; id: string; port: number; groups: string[]; people: string[] };

async function fillFar(worlds: Worlds, { n, id, port, groups, people }: Far): Promise<void> {
  const server = worlds.servers[n % 2];
  if (!server) throw new Error("there is no server");
  const own = groups.slice(n * each, (n + 1) * each);
  await asProvisioner(
    server,
    people.flatMap((name) => own.map((group) => `grant ${group} to ${name}`)),
  );
  await rows(liveGrants, [id, own, people]);
  await rows(`update connections set settings = settings || jsonb_build_object('port', $2::int) where id = $1`, [
    id,
    port,
  ]);
}

async function untilOthers(name: string, dead: string): Promise<number> {
  await rows("update offboardings set created_at = created_at - interval '2 hours'");
  const startedAtMs = performance.now();
  const { id } = await startOffboarding(worker, { identity: `${name}@acme.test`, holdDays: null });
  const open = `select 1 from offboarding_steps where offboarding_id = $1 and connection_id is distinct from $2::uuid and verified_at is null limit 1`;
  await until(async () => (await rows(open, [id, dead])).length === 0, { limitMs: 60_000, everyMs: 10 });
  return performance.now() - startedAtMs;
}

type Slow = { port: number; die(): void; stop(): Promise<void> };

/** A way to a server whose answers come late. Dead, it takes what it is sent and never answers. */
async function slowWay(port: number): Promise<Slow> {
  let dead = false;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const upstream = connect({ host: "127.0.0.1", port });
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      sockets.add(one);
      one.setNoDelay(true);
      one.on("error", () => undefined);
      one.once("close", () => {
        sockets.delete(one);
        // What was said before the end arrives before it.
        setTimeout(() => other.destroy(), one === upstream ? delayMs * 2 : 0);
      });
    }
    socket.on("data", (data) => dead || upstream.write(data));
    upstream.on("data", (data) => setTimeout(() => dead || socket.destroyed || socket.write(data), delayMs));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    die: () => {
      dead = true;
    },
    stop: () =>
      new Promise((done) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => done());
      }),
  };
}

// As the worker leaves them once they are given: the memberships themselves are there already.
const liveGrants = `
  with edge as (select i.id as person, p.id as account, g.id as "group", g.name, gen_random_uuid() as "grant" from identities i
      join principals p on p.identity_id = i.id and p.connection_id = $1::uuid and p.type = 'account'
      join principals g on g.connection_id = $1::uuid and g.type = 'group' and g.name = any($2::text[]) where i.name = any($3::text[])),
    grants as (insert into grants (id, subject_id, connection_id, account_id, give, group_id, permission, resource_type, resource_external_id, resource_name,
        privilege, state, duration_seconds, created_at, starts_at, activated_at, ends_at, policy_version)
      select "grant", person, $1::uuid, account, 'assignment', "group", 'member', 'group', name, name, 1, 'active', 86400, now(), now(), now(),
        now() + interval '1 day', (select max(version) from policy_sets) from edge returning 1),
    edges as (insert into memberships (connection_id, member_id, group_id, inherits, switches, administers, first_seen_at)
      select $1::uuid, account, "group", true, true, false, now() from edge returning 1),
    reasons as (insert into justifications (connection_id, account_id, group_id, type, grant_id, since, until)
      select $1::uuid, account, "group", 'grant', "grant", now(), now() + interval '1 day' from edge returning 1)
  insert into managed_accesses (connection_id, account_id, group_id, state, intended_at)
    select $1::uuid, account, "group", 'held', now() from edge`;
