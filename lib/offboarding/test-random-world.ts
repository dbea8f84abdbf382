import type pg from "pg";
import type { TestSamba } from "../connectors/ldap/test-samba";
import { addStaff, overTls } from "../connectors/ldap/test-samba-giver";
import type { TestSlapd } from "../connectors/ldap/test-slapd";
import { addEntries, person as entryOf, ldifEntry } from "../connectors/ldap/test-world";
import { Dice } from "../connectors/postgresql/test-dice";
import { asAdministrator, provisioner } from "../connectors/postgresql/test-provisioner";
import { db } from "../db/client";
import type { TestServer } from "../db/test-clusters";
import { now } from "../time";
import { asProvisioner, base, makeRoles, type Worlds } from "./test-worlds";

// For tests: a random company in real systems, the same for the same seed. Accounts hold things directly and by groups that
// are in groups; given by Rollcall's own role, and by others, from whom it can take nothing.

export type RandomWorld = {
  prefix: string;
  people: string[];
  machines: string[];
  /** An account in each system that holds nothing: what it may do, everybody may. */
  nobody: string;
  groups: string[];
  /** Of people and machines, by their names. */
  identities: Map<string, string>;
  /** Sessions that are open in the servers, by whose they are. */
  sessions: { name: string; client: pg.Client; cut: boolean }[];
};

const q = (name: string) => `"${name}"`;
/** Everybody's password in every system. */
export const passwordOf = (name: string) => `Canary-${name}-1`;

/** Makes the world of `seed` in these systems, and its identities. */
export async function makeRandomWorld(worlds: Worlds, seed: number): Promise<RandomWorld> {
  const prefix = `w${seed}`;
  const named = (word: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}${word}${n}`);
  const world: RandomWorld = {
    ...{ prefix, people: named("p", 9), machines: named("m", 3), groups: named("g", 6), nobody: `${prefix}nobody` },
    identities: new Map(),
    sessions: [],
  };
  const dice = new Dice(seed);
  await makeIdentities(world, dice);
  const everybody = [...world.people, ...world.machines];
  for (const server of worlds.servers) {
    const here = [...everybody.filter(() => dice.chance(0.85)), world.nobody];
    await fillServer(server, world, { here, dice });
    await openSessions(server, world, { here, dice });
  }
  const here = () => [...everybody.filter(() => dice.chance(0.85)), world.nobody];
  if (worlds.slapd) fillDirectory(worlds.slapd, world, { here: here(), dice });
  if (worlds.samba) await fillDomain(worlds.samba, world, { here: here(), dice });
  return world;
}

type Filling = { here: string[]; dice: Dice };

async function makeIdentities({ people, machines, identities: ids }: RandomWorld, dice: Dice): Promise<void> {
  const facts = { kindReason: "test", firstSeenAt: now() };
  for (const name of people) {
    const managerId = ids.size > 0 && dice.chance(0.6) ? dice.pick([...ids.values()]) : null;
    const data = { ...facts, name, email: `${name}@acme.test`, kind: "human", managerId };
    ids.set(name, (await db().identity.create({ data, select: { id: true } })).id);
  }
  for (const name of machines) {
    const ownerId = ids.get(dice.pick(people)) ?? null;
    const data = { ...facts, name, kind: "service_account", ownerId };
    ids.set(name, (await db().identity.create({ data, select: { id: true } })).id);
  }
}

async function fillServer(server: TestServer, world: RandomWorld, { here, dice }: Filling): Promise<void> {
  const { prefix, groups, nobody } = world;
  await makeRoles(server, { accounts: here, groups });
  const lines = [...objects(prefix), ...nesting(dice, groups).map(([of, to]) => `grant ${q(of)} to ${q(to)}`)];
  for (let n = 0; n < 12; n++) lines.push(`grant ${privilege(dice, prefix)} to ${q(dice.pick(groups))}`);
  for (const name of here) lines.push(`alter role ${q(name)} password '${passwordOf(name)}'`);
  const given: string[] = [];
  for (const name of here.filter((one) => one !== nobody)) {
    for (const group of dice.some(groups, 3)) given.push(`grant ${q(group)} to ${q(name)}`);
    for (let n = 0; n < 3; n++) given.push(`grant ${privilege(dice, prefix)} to ${q(name)}`);
    if (dice.chance(0.2)) lines.push(`grant ${privilege(dice, prefix)} to ${q(name)}`);
    if (dice.chance(0.15)) lines.push(`grant ${q(dice.pick(groups))} to ${q(name)}`);
    if (dice.chance(0.1))
      lines.push(`create table ${prefix}.own_${name} (a int); alter table ${prefix}.own_${name} owner to ${q(name)}`);
  }
  await asAdministrator(server, async (client) => {
    for (const line of lines) await client.query(line);
  });
  await asProvisioner(server, given);
}

function objects(prefix: string): string[] {
  const give = (what: string) => `grant all on ${what} to ${provisioner} with grant option`;
  return [
    `create schema ${prefix}`,
    ...["t0", "t1", "t2"].map((table) => `create table ${prefix}.${table} (a int, b int)`),
    `create view ${prefix}.v as select 1 as a`,
    `create sequence ${prefix}.seq`,
    `create function ${prefix}.f(integer) returns int language sql as 'select 1'`,
    `revoke execute on function ${prefix}.f(integer) from public`,
    `create database ${prefix}db`,
    ...[`schema ${prefix}`, `all tables in schema ${prefix}`, `sequence ${prefix}.seq`].map(give),
    ...[`function ${prefix}.f(integer)`, `database ${prefix}db`].map(give),
  ];
}

function privilege(dice: Dice, prefix: string): string {
  const table = dice.pick(["t0", "t1", "t2", "v"]);
  return dice.pick([
    `${dice.pick(["select", "insert", "update", "delete", "truncate", "references", "trigger"])} on ${prefix}.${table}`,
    `${dice.pick(["select", "update"])} (a) on ${prefix}.${dice.pick(["t0", "t1"])}`,
    `${dice.pick(["usage", "create"])} on schema ${prefix}`,
    `${dice.pick(["usage", "select", "update"])} on sequence ${prefix}.seq`,
    `execute on function ${prefix}.f(integer)`,
    `${dice.pick(["create", "connect", "temporary"])} on database ${prefix}db`,
  ]);
}

// Each group only in those before it: without circles, which the servers refuse.
function nesting(dice: Dice, groups: readonly string[]): [string, string][] {
  return groups.flatMap((inner, n) =>
    n > 0 && dice.chance(0.7) ? [[dice.pick(groups.slice(0, n)), inner] as [string, string]] : [],
  );
}

async function openSessions(server: TestServer, world: RandomWorld, { here, dice }: Filling): Promise<void> {
  for (const name of here) {
    for (let n = Math.floor(dice.next() * 3); n > 0; n--) {
      const client = await server.connect("postgres", name, passwordOf(name));
      const session = { name, client, cut: false };
      client.on("error", () => {
        session.cut = true;
      });
      client.on("end", () => {
        session.cut = true;
      });
      if (dice.chance(0.5)) await client.query("begin");
      world.sessions.push(session);
    }
  }
}

function fillDirectory(slapd: TestSlapd, { prefix, groups, nobody }: RandomWorld, { here, dice }: Filling): void {
  const dn = (uid: string) => `uid=${uid},ou=people,${base}`;
  const inner = nesting(dice, groups);
  const members = here.filter((one) => one !== nobody);
  const entries = here.map((uid) => entryOf(base, uid, { userPassword: passwordOf(uid) }));
  const listed = groups.map((cn, n) => {
    const name = `cn=${cn},ou=groups,${base}`;
    const some = dice.some(members, 5);
    const nested = inner.filter(([of]) => of === cn).map(([, one]) => `cn=${one},ou=groups,${base}`);
    if (n % 3 === 2) {
      const gidNumber = String(3_000 + n);
      return ldifEntry(name, { objectClass: "posixGroup", cn, gidNumber, memberUid: [...new Set(some)] });
    }
    const all = [...new Set([dn("keeper"), ...some.map(dn), ...nested])];
    return n % 3 === 1
      ? ldifEntry(name, { objectClass: "groupOfUniqueNames", cn, uniqueMember: all })
      : ldifEntry(name, { objectClass: "groupOfNames", cn, member: all });
  });
  // Beyond what Rollcall may change: the people and the systems of its set-up are in ou=people and ou=groups.
  const closed = ldifEntry(`cn=${prefix}closed,${base}`, {
    ...{ objectClass: "groupOfNames", cn: `${prefix}closed` },
    member: [dn("keeper"), ...new Set(dice.some(members, 3).map(dn))],
  });
  addEntries(slapd, entries.join("") + listed.reverse().join("") + closed);
}

async function fillDomain(samba: TestSamba, { prefix, groups, nobody }: RandomWorld, { here, dice }: Filling) {
  const client = await overTls(samba);
  const inner = nesting(dice, groups);
  const dns: string[] = [];
  for (const login of here) {
    const dn = await addStaff(client, { login, password: passwordOf(login), base: samba.base });
    if (login !== nobody) dns.push(dn);
  }
  const group = (cn: string, place: string) => `CN=${cn},${place}${samba.base}`;
  const add = (dn: string, cn: string, member: string[]) =>
    client.add(dn, { objectClass: "group", sAMAccountName: cn, member: [...new Set(member)] });
  for (const cn of [...groups].reverse()) {
    const nested = inner.filter(([of]) => of === cn).map(([, one]) => group(one, "OU=Groups,"));
    await add(group(cn, "OU=Groups,"), cn, [...dice.some(dns, 5), ...nested]);
  }
  // Beyond what Rollcall may change.
  await add(group(`${prefix}closed`, "CN=Users,"), `${prefix}closed`, dice.some(dns, 3));
  await client.unbind();
}
