import { system } from "@/lib/auth/actor";
import { db, rows } from "@/lib/db/client";
import { findAnything } from "@/lib/inventory/find-anything";
import { countIdentities, listIdentities } from "@/lib/inventory/identity-list-queries";
import { readState } from "@/lib/lists/read-state";
import type { SearchParams } from "@/lib/lists/schema";
import { identityList } from "@/lib/views/lists/identity-list";
import type { World } from "./generate";
import { compare, type Figure, median, timed } from "./measure";

const actor = system("bench");
const state = (params: SearchParams) => readState(identityList, params);
const samples = Array.from({ length: 200 }, (_, n) => n);

/** The list of identities against the same page asked of Prisma, its first page against a deep one, counts and search. */
export async function benchLists(world: World): Promise<Figure[]> {
  return [...(await pages(world)), ...(await search())];
}

async function pages(world: World): Promise<Figure[]> {
  const asked = state({ kind: "service_account", sort: "name" });
  const bare = () =>
    db().identity.findMany({
      where: { removedAt: null, kind: "service_account" },
      orderBy: [{ name: "asc" }, { id: "asc" }],
      take: 51,
      select: {
        id: true,
        kind: true,
        name: true,
        email: true,
        status: true,
        privilege: true,
        reaches: true,
        lastUsedAt: true,
        owner: { select: { id: true, name: true } },
      },
    });
  // Prisma sorts by the name as it stands, for which there is no index at that size; the same order by SQL is the fair one.
  const bareSql = () =>
    rows(
      "select * from identities where removed_at is null and kind = 'service_account' order by lower(name), id limit 51",
    );
  const byPrisma = await compare(
    "first page, filter and sort, against Prisma",
    samples.slice(0, 40),
    bare,
    () => listIdentities(actor, { state: asked }),
    1.3,
  );
  const bySql = await compare(
    "first page, filter and sort, against the bare SQL",
    samples,
    bareSql,
    () => listIdentities(actor, { state: asked }),
    1.3,
  );
  const deep = await deepState(world);
  const walk = await compare(
    "a page in the middle against the first",
    samples,
    () => listIdentities(actor, { state: state({ sort: "name" }) }),
    () => listIdentities(actor, { state: deep }),
    1.3,
  );
  const times: number[] = [];
  for (const _ of samples.slice(0, 20)) times.push(await timed(() => countIdentities(actor, { state: asked })));
  return [
    byPrisma,
    bySql,
    walk,
    { what: "count, capped at 10,000", bareMs: null, oursMs: median(times), atMost: { ms: 50 } },
  ];
}

// The place in the middle of the list, as its reader would come to it: by the cursor of the page before.
async function deepState(world: World) {
  const [middle] = await rows<{ name: string }>(
    "select name from identities where removed_at is null order by lower(name) offset $1 limit 1",
    [Math.floor(world.identities / 2)],
  );
  const first = await listIdentities(actor, { state: state({ sort: "name" }) });
  const last = first.items.at(-1)?.name.toLowerCase();
  const parts = JSON.parse(Buffer.from(first.nextCursor ?? "", "base64url").toString()) as unknown[];
  const cursor = parts.map((part) =>
    typeof part === "string" && part.toLowerCase() === last ? middle?.name.toLowerCase() : part,
  );
  return state({ sort: "name", cursor: Buffer.from(JSON.stringify(cursor)).toString("base64url") });
}

async function search(): Promise<Figure[]> {
  const named = await rows<{ search: string }>(
    "select search from identities where removed_at is null order by id limit 50",
  );
  const rare = named.map(({ search: text }) => text.slice(2, 12)).filter((text) => text.length > 3);
  const raw = (term: string) =>
    rows("select id, name, email, kind from identities where removed_at is null and search like $1 limit 6", [
      `%${term}%`,
    ]);
  const figure = await compare(
    "search for a part of a name, against the raw query",
    rare,
    raw,
    (term) => findAnything(actor, term),
    2,
  );
  const worst: number[] = [];
  for (const term of ["a", "an", "svc", "s", "e", "ide", "identity", "0", "00", "100", "zzzzzz", "x".repeat(100)]) {
    worst.push(await timed(() => findAnything(actor, term)));
  }
  return [
    figure,
    {
      what: "the slowest of twelve terms, against ten medians",
      bareMs: median(worst),
      oursMs: Math.max(...worst),
      atMost: { ratio: 10 },
    },
  ];
}
