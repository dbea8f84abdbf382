import { afterAll, beforeAll, expect, test } from "vitest";
import { system } from "@/lib/auth/actor";
import { createApiToken } from "@/lib/auth/create-api-token";
import { db, rows } from "@/lib/db/client";
import { freshDatabase } from "@/lib/db/test-database";
import { POST as preview } from "./preview/route";
import { POST as importAll } from "./route";

let drop: () => Promise<void>;
const tokens = new Map<string, string>();
beforeAll(async () => {
  ({ drop } = await freshDatabase());
  for (const role of ["administrator", "member"]) {
    const email = `${role}@example.com`;
    await db().user.create({ data: { email, name: role, roles: [role] }, select: { id: true } });
    tokens.set(role, (await createApiToken(system("test"), { name: role, for: email })).token);
  }
});
afterAll(() => drop());

const people = "id,name,email\n1,Ann Example,ann@example.com\n2,Bob Example,bob@example.com\n";

function upload(
  text: string,
  facts: { role?: string; length?: number; name?: string; mapping?: unknown } = {},
): Request {
  const about = {
    connector: "csv",
    name: facts.name ?? "people",
    environment: "production",
    isIdentitySource: false,
    settings: {},
    mapping: facts.mapping ?? null,
    file: "people.csv",
  };
  return new Request("http://rollcall.test/connections/import", {
    method: "POST",
    body: text,
    headers: {
      authorization: `Bearer ${tokens.get(facts.role ?? "administrator")}`,
      "content-type": "application/octet-stream",
      "content-length": String(facts.length ?? Buffer.byteLength(text)),
      "x-rollcall-file": encodeURIComponent(JSON.stringify(about)),
    },
  });
}

async function live(): Promise<string[]> {
  const found = await rows<{ email: string }>("select email from principals where removed_at is null order by email");
  return found.map((row) => row.email);
}

test("a file is previewed without a trace and then imported whole", async () => {
  const seen = await (await preview(upload(people))).json();
  expect(seen).toMatchObject({ ok: true, value: { columns: ["id", "name", "email"], problems: [] } });
  expect(await rows("select id from connections")).toEqual([]);
  const done = await (await importAll(upload(people))).json();
  expect(done).toMatchObject({ ok: true, value: { connectionId: expect.any(String), runId: expect.any(String) } });
  expect(await live()).toEqual(["ann@example.com", "bob@example.com"]);
});

test("a file that breaks off on its way changes nothing, and says so", async () => {
  const half = people.split("\n").slice(0, 2).join("\n");
  await importAll(upload(half, { length: Buffer.byteLength(people) }));
  expect(await live()).toEqual(["ann@example.com", "bob@example.com"]);
  const [run] = await rows<{ state: string; error: { message: string } }>(
    "select state, error from sync_runs order by created_at desc limit 1",
  );
  expect(run).toMatchObject({ state: "failed", error: { message: expect.stringContaining("broke off") } });
});

test("a wrong name or mapping is refused by its field, and a member may not import", async () => {
  const name = await (await importAll(upload(people, { name: "No Such Name!" }))).json();
  expect(name).toMatchObject({ ok: false, refusal: { code: "invalid", field: "name" } });
  const mapping = await (await preview(upload(people, { mapping: "{oops" }))).json();
  expect(mapping).toMatchObject({ ok: false, refusal: { code: "invalid", field: "mapping" } });
  expect((await importAll(upload(people, { role: "member" }))).status).toBe(403);
});
