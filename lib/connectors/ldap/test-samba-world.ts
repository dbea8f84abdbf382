import { Attribute, Change, type Client, ExtensibleFilter, ResultCodeError } from "ldapts";
import { sidOf } from "./sid";
import type { TestSamba } from "./test-samba";

// For tests: random groups in a real Active Directory, and what the directory itself says of who is in them.

type Dice = { chance(share: number): boolean; pick<T>(from: readonly T[]): T };
export type SambaWorld = { users: string[]; groups: string[]; edges: number; primaries: number };

const scopes = { global: 0x2, local: 0x4, universal: 0x8 } as const;
const security = -0x8000_0000;

/** Random users and groups of all scopes, nested as far as the server takes it, cycles and primary groups included. */
export async function makeWorld(
  server: TestSamba,
  dice: Dice,
  { users, groups, distribution }: { users: number; groups: number; distribution: boolean },
): Promise<SambaWorld> {
  const client = await server.connect();
  const ou = `OU=World,${server.base}`;
  await client.add(ou, { objectClass: "organizationalUnit", ou: "World" });
  const world: SambaWorld = { users: [], groups: [], edges: 0, primaries: 0 };
  for (let n = 0; n < users; n++) {
    const dn = `CN=User ${n}\\, the ${n}th,${ou}`;
    await client.add(dn, { objectClass: "user", sAMAccountName: `user${n}`, displayName: `User ${n}` });
    world.users.push(dn);
  }
  for (let n = 0; n < groups; n++) {
    const dn = `CN=Group+${n},${ou}`.replace("+", "\\+");
    const kind = dice.pick(["global", "local", "universal"] as const);
    const type = scopes[kind] + (distribution && dice.chance(0.3) ? 0 : security);
    await client.add(dn, { objectClass: "group", sAMAccountName: `group${n}`, groupType: String(type) });
    world.groups.push(dn);
  }
  for (let n = 0; n < groups * 3 + users; n++) {
    const member = dice.chance(0.5) ? dice.pick(world.users) : dice.pick(world.groups);
    const group = dice.chance(0.05) ? `CN=Administrators,CN=Builtin,${server.base}` : dice.pick(world.groups);
    if (await attempt(() => addMember(client, group, member))) world.edges++;
  }
  for (const user of world.users.slice(0, Math.ceil(users / 3))) {
    if (await attempt(() => makePrimary(client, dice.pick(world.groups), user))) world.primaries++;
  }
  await client.unbind();
  return world;
}

/** Removes a world. */
export async function dropWorld(server: TestSamba, world: SambaWorld): Promise<void> {
  const client = await server.connect();
  for (const dn of [...world.users, ...world.groups]) await client.del(dn);
  await client.del(`OU=World,${server.base}`);
  await client.unbind();
}

/** Who is in which group by the server's own matching rule, as "account|group", with the primary group and what it is in. */
export async function inChain(
  server: TestSamba,
): Promise<{ truth: Set<string>; accounts: string[]; groups: string[] }> {
  const client = await server.connect();
  const find = async (filter: ExtensibleFilter | string, attributes: string[]) =>
    (await client.search(server.base, { scope: "sub", filter, attributes, explicitBufferAttributes: ["objectSid"] }))
      .searchEntries;
  const groups = await find("(objectClass=group)", ["objectSid"]);
  const people = await find("(objectClass=user)", ["sAMAccountName", "primaryGroupID", "objectSid"]);
  const bySid = new Map(groups.map((group) => [sidOf(group.objectSid as Buffer), group.dn]));
  const truth = new Set<string>();
  for (const { dn: group } of groups) {
    const rule = "1.2.840.113556.1.4.1941";
    const inside = await find(new ExtensibleFilter({ matchType: "memberOf", rule, value: group }), ["cn"]);
    const names = new Set(inside.map((entry) => entry.dn));
    for (const person of people) {
      const domain = sidOf(person.objectSid as Buffer)
        ?.split("-")
        .slice(0, -1)
        .join("-");
      const primary = bySid.get(`${domain}-${String(person.primaryGroupID)}`) ?? "";
      const isIn = names.has(person.dn) || primary === group || names.has(primary);
      if (isIn) truth.add(`${String(person.sAMAccountName)}|${group}`);
    }
  }
  await client.unbind();
  return { truth, accounts: people.map((it) => String(it.sAMAccountName)), groups: groups.map((it) => it.dn) };
}

/** The same from what the server puts into each account's token; it holds security groups only. */
export async function tokens(server: TestSamba): Promise<Set<string>> {
  const client = await server.connect();
  const { searchEntries: groups } = await client.search(server.base, {
    scope: "sub",
    filter: "(objectClass=group)",
    attributes: ["objectSid"],
    explicitBufferAttributes: ["objectSid"],
  });
  const bySid = new Map(groups.map((group) => [sidOf(group.objectSid as Buffer), group.dn]));
  const { searchEntries: people } = await client.search(server.base, {
    scope: "sub",
    filter: "(objectClass=user)",
    attributes: ["sAMAccountName"],
  });
  const said = new Set<string>();
  for (const { dn, sAMAccountName } of people) {
    const { searchEntries } = await client.search(dn, {
      scope: "base",
      attributes: ["tokenGroups"],
      explicitBufferAttributes: ["tokenGroups"],
    });
    for (const sid of [searchEntries[0]?.tokenGroups ?? []].flat()) {
      const group = bySid.get(sidOf(sid as Buffer));
      if (group !== undefined) said.add(`${String(sAMAccountName)}|${group}`);
    }
  }
  await client.unbind();
  return said;
}

async function addMember(client: Client, group: string, member: string): Promise<void> {
  const modification = new Attribute({ type: "member", values: [member] });
  await client.modify(group, new Change({ operation: "add", modification }));
}

// A primary group must be a security group that the user is in; it is then no longer listed there.
async function makePrimary(client: Client, group: string, user: string): Promise<void> {
  await attempt(() => addMember(client, group, user));
  const { searchEntries } = await client.search(group, {
    scope: "base",
    attributes: ["objectSid"],
    explicitBufferAttributes: ["objectSid"],
  });
  const rid =
    sidOf(searchEntries[0]?.objectSid as Buffer)
      ?.split("-")
      .at(-1) ?? "";
  const modification = new Attribute({ type: "primaryGroupID", values: [rid] });
  await client.modify(user, new Change({ operation: "replace", modification }));
}

// Which group may be in which is the server's to say.
async function attempt(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof ResultCodeError)) throw error;
    return false;
  }
}
