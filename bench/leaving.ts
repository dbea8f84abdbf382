import { hasSamba } from "@/lib/connectors/ldap/test-samba";
import { hasSlapd } from "@/lib/connectors/ldap/test-slapd";
import { rows } from "@/lib/db/client";
import { resetEnv } from "@/lib/env";
import { asProvisioner, makeRoles, readAll, startWorlds, type Worlds } from "@/lib/offboarding/test-worlds";
import { startWorkerProcess } from "@/lib/requests/test-worker-process";
import { bareSequence, fillFourSystems } from "./bare-leaving";
import { farTargets } from "./far-targets";
import { makeTemplate } from "./grants";
import { addPeople, leave, p95 } from "./leave";
import { type Figure, median, timed } from "./measure";

const samples = 11;
const each = 15;
/**
 * Leaving, by one real worker: sixty accesses in four real systems, and a thousand of one person. In a database of its own.
 */
export async function benchLeaving(): Promise<Figure[]> {
  const before = process.env.DATABASE_URL;
  process.env.TEST_SERVER_URL = before?.replace(/\/[^/]*$/, "/postgres");
  await makeTemplate();
  const worlds = await startWorlds({ directory: hasSlapd(), domain: hasSamba() });
  const hand = startWorkerProcess();
  try {
    return [...(await sixty(worlds)), await thousand(worlds), ...(await farTargets(worlds))];
  } finally {
    await hand.end("SIGKILL");
    await worlds.drop();
    process.env.DATABASE_URL = before;
    resetEnv();
  }
}

async function sixty(worlds: Worlds): Promise<Figure[]> {
  const ours = Array.from({ length: samples + 2 }, (_, n) => `ours${n}`);
  const bares = Array.from({ length: samples + 2 }, (_, n) => `bare${n}`);
  await fillFourSystems(worlds, [...ours, ...bares], each);
  await addPeople(ours);
  await readAll(worlds);
  const times = { contained: [] as number[], proven: [] as number[], shut: [] as number[], bare: [] as number[] };
  for (const [n, name] of ours.entries()) {
    const { containedMs, provenMs } = await leave(name);
    const bare = await bareSequence(worlds, bares[n] ?? "", each);
    // The first of each find no session open, and nothing compiled.
    if (n < 2) continue;
    times.contained.push(containedMs);
    times.proven.push(provenMs);
    times.shut.push(bare.shutMs);
    times.bare.push(bare.allMs);
  }
  const systems = worlds.connections.length;
  const of = `of ${systems * each} accesses in ${systems} systems`;
  const bareMs = median(times.bare);
  return [
    {
      what: `order to every way in proven shut, ${of}, p95`,
      bareMs: null,
      oursMs: p95(times.contained),
      atMost: { ms: 5_000 },
    },
    {
      what: `order to everything taken and proven, ${of}, p95`,
      bareMs: null,
      oursMs: p95(times.proven),
      atMost: { ms: 5_000 },
    },
    {
      what: "ways in proven shut, median, against the bare sequence of all",
      bareMs,
      oursMs: median(times.contained),
      atMost: { ratio: 3 },
    },
    {
      what: "the same against the bare shutting alone",
      bareMs: median(times.shut),
      oursMs: median(times.contained),
      atMost: { ratio: 3 },
    },
    {
      what: "everything taken and proven, median, against the bare sequence",
      bareMs,
      oursMs: median(times.proven),
      atMost: { ratio: 3 },
    },
  ];
}

async function thousand(worlds: Worlds): Promise<Figure> {
  const [server] = worlds.servers;
  if (!server) throw new Error("there is no server");
  const groups = Array.from({ length: 1_000 }, (_, n) => `many${n}`);
  await makeRoles(server, { accounts: ["holder"], groups });
  await asProvisioner(
    server,
    groups.map((group) => `grant ${group} to holder`),
  );
  await addPeople(["holder"]);
  // What the bare sequence took away by hand is more than a sync takes for granted.
  await rows("update connections set brake_kind_share = 1, brake_assignment_share = 1");
  await readAll(worlds);
  const [held] = await rows<{ count: number }>(
    "select count(*)::int from memberships m join principals p on p.id = m.member_id where p.name = 'holder' and m.removed_at is null and not m.implicit",
  );
  if ((held?.count ?? 0) < groups.length) throw new Error(`the inventory shows ${held?.count} accesses of the holder`);
  const oursMs = await timed(() => leave("holder"));
  return { what: "1,000 accesses of one person, all taken and proven", bareMs: null, oursMs, atMost: { ms: 60_000 } };
}
