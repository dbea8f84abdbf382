import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeDatabase, db, transaction } from "./client";
import { migrate, readMigrations } from "./migrate";
import { freshDatabase } from "./test-database";

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

test("a second run of the migrations applies nothing", async () => {
  expect(await migrate(database.url)).toEqual([]);
});

test("an edited migration that was already applied is refused by name", async () => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const [first] = await readMigrations();
  await client.query("update _prisma_migrations set checksum = 'edited' where migration_name = $1", [first?.name]);
  await expect(migrate(database.url)).rejects.toThrow(`${first?.name} was edited`);
  await client.query("update _prisma_migrations set checksum = $2 where migration_name = $1", [
    first?.name,
    first?.checksum,
  ]);
  await client.end();
});

test("the Prisma schema names the columns and nullability that the migrations made", async () => {
  const columns = await db().$queryRaw<{ t: string; c: string; n: boolean }[]>`
    select table_name t, column_name c, is_nullable = 'YES' n from information_schema.columns
    where table_schema = 'public' and table_name not like 'staged%' and table_name not like '\_prisma%'`;
  const inDatabase = columns.map(({ t, c, n }) => `${t}.${c}${n ? "?" : ""}`).sort();
  const described = (await describedColumns()).sort();
  expect(described).toEqual(inDatabase);
});

test("a transaction that throws leaves nothing behind", async () => {
  const work = transaction(async (tx) => {
    await tx.setting.create({ data: { key: "half", value: 1 } });
    throw new Error("no");
  });
  await expect(work).rejects.toThrow("no");
  expect(await db().setting.count({ where: { key: "half" } })).toBe(0);
});

test("the record refuses change and removal, whoever asks", async () => {
  await db().auditEvent.create({
    data: {
      at: new Date(0),
      actorType: "system",
      actorName: "test",
      actor: {},
      action: "test.made",
      outcome: "allowed",
    },
  });
  await expect(db().$executeRaw`update audit_events set action = 'other'`).rejects.toThrow(/append-only/);
  await expect(db().$executeRaw`delete from audit_events`).rejects.toThrow(/append-only/);
  await expect(db().$executeRaw`truncate audit_events cascade`).rejects.toThrow(/append-only/);
  await closeDatabase();
});

async function describedColumns(): Promise<string[]> {
  const folder = path.resolve("prisma/schema");
  const files = await Promise.all((await readdir(folder)).map((file) => readFile(path.join(folder, file), "utf8")));
  const models = [...files.join("\n").matchAll(/^model \w+ \{\n(.*?)^\}/gms)].map((match) => match[1] ?? "");
  const scalars = new Set(["String", "Int", "BigInt", "Float", "Boolean", "DateTime", "Json", "Bytes"]);
  return models.flatMap((body) => {
    const table = /@@map\("(\w+)"\)/.exec(body)?.[1];
    return [...body.matchAll(/^ {2}(\w+) +(\w+)(\[\])?(\?)?(.*)$/gm)]
      .filter(([, , type]) => scalars.has(type ?? ""))
      .map(
        ([, field, , , optional, rest]) =>
          `${table}.${/@map\("(\w+)"\)/.exec(rest ?? "")?.[1] ?? field}${optional ?? ""}`,
      );
  });
}

test("an edge whose end is not in its connection is refused, and no edge is moved", async () => {
  const connection = (name: string) => db().connection.create({ data: { name, connector: "json", settings: {} } });
  const [here, elsewhere] = [await connection("here"), await connection("elsewhere")];
  const principal = (connectionId: string, externalId: string) =>
    db().principal.create({
      data: { connectionId, type: "group", externalId, name: externalId, contentHash: "", firstSeenAt: new Date(0) },
    });
  const [a, b] = [await principal(here.id, "a"), await principal(here.id, "b")];
  const far = await principal(elsewhere.id, "far");
  const join = (memberId: string, groupId: string) =>
    db().membership.create({
      data: {
        connectionId: here.id,
        memberId,
        groupId,
        inherits: true,
        switches: false,
        administers: false,
        firstSeenAt: new Date(0),
      },
    });
  const { id } = await join(a.id, b.id);
  await expect(join(a.id, far.id)).rejects.toThrow();
  await expect(join(a.id, "00000000-0000-7000-8000-000000000000")).rejects.toThrow();
  await expect(db().membership.update({ where: { id }, data: { groupId: a.id } })).rejects.toThrow();
  await expect(db().principal.delete({ where: { id: b.id } })).rejects.toThrow();
  expect(await db().membership.count({ where: { connectionId: here.id } })).toBe(1);
});
