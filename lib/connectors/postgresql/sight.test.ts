import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasDebianServer, startServer15, startServer18, type TestServer } from "../../db/test-clusters";
import type { CheckResult, Context, ReadEvent } from "../contract";
import { collect, observed } from "../contract-tests";
import { postgresql } from "./connector";
import { type Secrets, type Settings, settings } from "./schema";
import { passwordPlaceholder } from "./set-up";

const servers = [
  { major: 18, start: startServer18 },
  ...(hasDebianServer() ? [{ major: 15, start: () => startServer15() }] : []),
];

describe.each(servers)("PostgreSQL $major", ({ start }) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await start();
    await run("postgres", "create role owner login password 'owner'", "create role reporting login");
    await run("postgres", "create database app owner owner", "create database closed");
    await run("postgres", "revoke connect on database closed from public");
    await run("app", "create table public.invoices (id int); grant select on public.invoices to reporting");
  });
  afterAll(() => server.stop());

  async function run(database: string, ...statements: string[]): Promise<void> {
    const client = await server.connect(database);
    try {
      for (const sql of statements) await client.query(sql);
    } finally {
      await client.end();
    }
  }

  type Sign = Partial<Settings> & { password?: string };
  function context({ password = server.password, ...rest }: Sign): Context<Settings, Secrets> {
    return {
      settings: settings.parse({ host: "127.0.0.1", port: server.port, user: server.user, ...rest }),
      secrets: { password, provisionPassword: "" },
      signal: new AbortController().signal,
      now: new Date("2026-11-21T12:00:00Z"),
    };
  }
  const read = (sign: Sign, cursor?: unknown): Promise<ReadEvent[]> =>
    collect(() => postgresql.read?.({ ...context(sign), cursor }) ?? (async function* () {})());
  const check = async (sign: Sign): Promise<CheckResult> => {
    const result = await postgresql.check?.(context(sign));
    if (!result) throw new Error("nothing checked");
    return result;
  };
  const ended = (events: ReadEvent[]) => events.flatMap((event) => (event.type === "ended" ? [event.kind] : []));
  const hidden = (result: CheckResult) => result.cannotSee.map(({ what }) => what);
  const facts = (events: ReadEvent[]) =>
    new Set(observed(events).map((item) => JSON.stringify({ ...item, lastUsedAt: null, lastUsedFrom: null })));

  it("reads with the role of the instructions whatever a superuser reads, and that role can change nothing", async () => {
    const sign = { user: 'reads "the" roll', password: "a-long-one", exclude: ["closed"] };
    const steps = postgresql.setup?.(context(sign).settings) ?? [];
    for (const { code } of steps.filter((step) => !step.code?.startsWith("hostssl"))) {
      await run("postgres", (code ?? "").replace(passwordPlaceholder, sign.password));
    }
    const [mine, theirs] = [await read(sign), await read({ exclude: ["closed"] })];
    expect(facts(mine)).toEqual(facts(theirs));
    expect(ended(mine)).toEqual(ended(theirs));
    expect(hidden(await check(sign))).toEqual(["sign-ins between two reads"]);
    const client = await server.connect("app", sign.user, sign.password);
    await expect(
      client.query("set default_transaction_read_only = off; create table public.mine ()"),
    ).rejects.toThrow();
    await expect(client.query("select * from public.invoices")).rejects.toThrow("permission denied");
    await client.end();
    await run("postgres", "drop schema rollcall cascade");
  });

  it("reads as an ordinary owner of a database, and says what that does not show", async () => {
    const sign = { user: "owner", password: "owner", database: "app", databases: "one" as const };
    const result = await check(sign);
    expect(hidden(result)).toEqual([
      "which roles have a password",
      "when and from where the sessions of other roles were last active",
      "sign-ins between two reads",
    ]);
    expect(result.cannotSee.every(({ because, remedy }) => because !== "" && remedy !== "")).toBe(true);
    const events = await read(sign);
    expect(observed(events)).toContainEqual(
      expect.objectContaining({
        kind: "assignment",
        holder: "reporting",
        permission: "SELECT",
        resource: { type: "table", externalId: "app/public.invoices" },
      }),
    );
    expect(ended(events)).toEqual(["principal", "membership", "resource", "assignment"]);
    expect(observed(events).filter(({ kind }) => kind === "credential")).toEqual([]);
  });

  it("counts nothing as gone when a database cannot be entered, and says how to enter it", async () => {
    const sign = { user: "owner", password: "owner" };
    const events = await read(sign);
    expect(ended(events)).toEqual(["principal", "membership"]);
    expect(events).toContainEqual({
      type: "invisible",
      what: 'what is inside the database "closed"',
      because: '"owner" may not connect to it',
      remedy: 'GRANT CONNECT ON DATABASE "closed" TO "owner"; or exclude it in the settings.',
    });
  });

  it("names what was asked for and is not there, or takes no connections", async () => {
    const list = { databases: "list" as const, include: ["app", "template0", "nowhere"] };
    expect(hidden(await check(list)).slice(0, 2)).toEqual([
      'what is inside the database "template0"',
      'the database "nowhere"',
    ]);
    expect(ended(await read(list))).toEqual(["principal", "membership", "credential"]);
    expect(() => settings.parse({ host: "x", user: "y", databases: "list" })).toThrow("name at least one database");
  });

  it("reads the other databases when one has a problem, and counts nothing as gone", async () => {
    await run("postgres", "alter database app connection limit 0");
    const sign = { user: "owner", password: "owner", exclude: ["closed"] };
    const events = await read(sign);
    await run("postgres", "alter database app connection limit -1");
    const problem = events.find((event) => event.type === "problem");
    expect(problem).toMatchObject({ object: "app", message: expect.stringContaining("no connection left") });
    expect(ended(events)).toEqual(["principal", "membership"]);
    expect(observed(events).some((item) => item.kind === "resource" && item.externalId === "postgres/public")).toBe(
      true,
    );
  });

  it("goes on where it was interrupted, and comes to the same", async () => {
    const whole = await read({});
    const first: ReadEvent[] = [];
    let cursor: unknown;
    for await (const event of postgresql.read?.(context({})) ?? []) {
      first.push(event);
      if (event.type !== "checkpoint") continue;
      cursor = event.cursor;
      if (JSON.stringify(cursor).includes("app")) break;
    }
    const rest = await read({}, JSON.parse(JSON.stringify(cursor)));
    expect(rest.length).toBeLessThan(whole.length);
    expect(facts([...first, ...rest])).toEqual(facts(whole));
    expect(ended(rest)).toEqual(ended(whole));
  });

  it("reads to the end while tables, policies and roles are dropped under it", async () => {
    await run(
      "app",
      `do $$ begin for i in 1..300 loop
        execute format('create table public.passing_%s (id int)', i);
        execute format('alter table public.passing_%s enable row level security', i);
        execute format('create policy p on public.passing_%s to reporting using (id > 0)', i);
      end loop; end $$`,
    );
    const dropped: ReadEvent[] = [];
    for await (const event of postgresql.read?.(context({})) ?? []) {
      dropped.push(event);
      const isInside =
        event.type === "observations" && event.items.some((item) => item.kind === "resource" && item.type === "table");
      if (!isInside) continue;
      await run(
        "app",
        "do $$ begin for i in 1..300 loop execute format('drop table if exists public.passing_%s', i); end loop; end $$",
      );
    }
    expect(dropped.filter((event) => event.type === "problem")).toEqual([]);
    expect(ended(dropped)).toHaveLength(5);
    expect(facts(await read({})).size).toBeLessThan(facts(dropped).size);
  });

  it("tells of a password how it is stored, until when it is good, and never the hash", async () => {
    await run("postgres", "alter role owner valid until '2026-01-01'");
    const events = await read({});
    await run("postgres", "alter role owner valid until 'infinity'");
    expect(observed(events)).toContainEqual(
      expect.objectContaining({
        kind: "credential",
        account: "owner",
        status: "expired",
        attributes: { storedAs: "scram-sha-256" },
      }),
    );
    expect(JSON.stringify(events)).not.toContain("SCRAM-SHA-256$");
    expect(observed(await read({}))).toContainEqual(
      expect.objectContaining({ kind: "credential", account: "owner", status: "active", expiresAt: null }),
    );
  });

  it("sees whose sessions are open, and tells of one activity once", async () => {
    const client = await server.connect("app", "owner", "owner");
    const sample = async (cursor?: unknown) => {
      const pages = [];
      for await (const page of postgresql.usage?.({ ...context({}), cursor }) ?? []) pages.push(page);
      return pages;
    };
    const [page] = await sample();
    const [again] = await sample(page?.cursor);
    await client.end();
    expect(page?.events).toEqual([{ account: "owner", at: expect.any(Date), uses: 1, from: "127.0.0.1" }]);
    expect(again?.events).toEqual([]);
  });
});

describe.skipIf(!hasDebianServer())("a standby", () => {
  it("is read like any other server", async () => {
    const server = await startServer15({ standby: true });
    try {
      const base = {
        settings: settings.parse({ host: "127.0.0.1", port: server.port, user: server.user }),
        secrets: { password: server.password, provisionPassword: "" },
        signal: new AbortController().signal,
        now: new Date("2026-11-21T12:00:00Z"),
      };
      expect((await postgresql.check?.(base))?.system).toMatch(/\(a standby\)$/);
      const events = await collect(() => postgresql.read?.(base) ?? (async function* () {})());
      expect(events.filter((event) => event.type === "ended")).toHaveLength(5);
    } finally {
      await server.stop();
    }
  });
});
