import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FileMapping, ReadEvent } from "../contract";
import { collect, hostileNames, observed, testContract } from "../contract-tests";
import { observation } from "../schema";
import { json } from "./connector";

const now = new Date("2026-11-20T12:00:00Z");

function readOf(content: string | Buffer, mapping: FileMapping | null = null, piece = 1_000, size?: number) {
  return (signal: AbortSignal): AsyncIterable<ReadEvent> => {
    if (!json.readFile) throw new Error("json reads files");
    const bytes = Buffer.from(content as string);
    const pieces = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, at) =>
      bytes.subarray(at * piece, (at + 1) * piece),
    );
    const file = { name: "people.json", stream: Readable.from(pieces), size: size ?? bytes.length };
    return json.readFile({ settings: { encoding: "auto" }, secrets: {}, signal, now }, file, mapping);
  };
}
const read = async (content: unknown, mapping: FileMapping | null = null) =>
  observed(await collect(readOf(typeof content === "string" ? content : JSON.stringify(content), mapping)));
const problemsOf = async (content: string) =>
  (await collect(readOf(content))).flatMap((event) => (event.type === "problem" ? [event] : []));
const endsOf = async (content: unknown) =>
  (await collect(readOf(JSON.stringify(content)))).flatMap((event) => (event.type === "ended" ? [event.kind] : []));
async function fails(content: string, mapping: FileMapping | null = null, size?: number): Promise<unknown> {
  const ended: string[] = [];
  try {
    for await (const event of readOf(content, mapping, 1_000, size)(new AbortController().signal)) {
      if (event.type === "ended") ended.push(event.kind);
    }
  } catch (error) {
    expect(ended).toEqual([]);
    return error;
  }
  throw new Error("the file was read");
}

const native = {
  accounts: [
    { externalId: "1", name: "ann", email: "ann@nordwind.example", lastUsedAt: "2026-11-01T10:00:00Z" },
    { externalId: "2", name: "bo", status: "disabled", kindHint: { kind: "bot", reason: "the system says so" } },
  ],
  groups: [{ externalId: "g", name: "admins" }],
  memberships: [{ member: "1", group: "g", switches: true, inherits: false }],
  resources: [{ type: "system", externalId: "erp", name: "ERP", attributes: { data: "personal" } }],
  assignments: [
    { holder: "g", resource: { type: "system", externalId: "erp" }, permission: "administer", privilege: 3 },
  ],
  credentials: [
    { account: "1", credentialKind: "api_key", externalId: "k", name: "key", expiresAt: "2027-01-01T00:00:00Z" },
  ],
};

testContract("json in Rollcall's format", {
  connector: json,
  read: readOf(JSON.stringify(native)),
  readHostile: readOf(
    JSON.stringify({ accounts: hostileNames.map((name, index) => ({ externalId: String(index), name })) }),
  ),
  failures: {
    "an empty file": readOf(""),
    "a page of HTML": readOf("<html><body>Sign in</body></html>"),
    "a file that was cut off": readOf(JSON.stringify(native).slice(0, -40)),
    "columns that mean nothing": readOf('[{"a":1}]'),
  },
});

testContract("json lines", {
  connector: json,
  read: readOf(
    native.accounts
      .map((row) => JSON.stringify({ id: row.externalId, login: row.name, groups: ["a;b", "c"] }))
      .join("\n"),
  ),
  kinds: ["principal", "membership"],
});

describe("the shapes that JSON comes in", () => {
  const people = [
    { id: "1", login: "ann", profile: { email: "ann@n.example" }, teams: [{ name: "a" }, { name: "b" }] },
    { id: "2", login: "bo", profile: { email: "bo@n.example" }, teams: [] },
  ];
  const accounts = [
    { externalId: "1", name: "ann", email: "ann@n.example" },
    { externalId: "2", name: "bo", email: "bo@n.example" },
  ];

  it.each([
    ["an array", JSON.stringify(people)],
    ["an array over many lines", JSON.stringify(people, null, 2)],
    ["JSON Lines", people.map((row) => JSON.stringify(row)).join("\n")],
    [
      "JSON Lines with a mark, CR LF and blank lines",
      `\ufeff${people.map((row) => JSON.stringify(row)).join("\r\n\r\n")}\r\n`,
    ],
    ["an answer with the rows under value", JSON.stringify({ "@odata.context": "x", value: people })],
    ["rows two levels down", JSON.stringify({ data: { count: 2, users: people } })],
  ])("%s", async (_, text) => {
    expect((await read(text)).filter((item) => item.kind === "account")).toMatchObject(accounts);
  });

  it("lists are parts already: a mark inside one parts nothing", async () => {
    const items = await read([{ id: "1", groups: ["a;b", "c"] }]);
    expect(items.filter((item) => item.kind === "membership").map((item) => item.group)).toEqual([
      "group:a;b",
      "group:c",
    ]);
  });

  it("a saved mapping names where the rows are, and what is inside them", async () => {
    const mapping = {
      rows: "data.users",
      rules: [
        { kind: "account", externalId: { column: "login" }, email: { column: "profile.email" } },
        { kind: "group", each: { column: "teams.name", split: null }, externalId: { part: true } },
        {
          kind: "membership",
          each: { column: "teams.name", split: null },
          member: { column: "login" },
          group: { part: true },
        },
      ],
    };
    const items = await read({ other: [{ login: "nobody" }], data: { users: people } }, mapping);
    expect(items.filter((item) => item.kind === "account")).toHaveLength(2);
    expect(items.filter((item) => item.kind === "membership")).toMatchObject([
      { member: "ann", group: "a" },
      { member: "ann", group: "b" },
    ]);
    expect(await fails(JSON.stringify(people), mapping)).toMatchObject({
      message: expect.stringContaining("data.users"),
    });
  });

  it("ends the kinds of the arrays that are there, empty ones too, and no others", async () => {
    expect(await endsOf({ accounts: [], memberships: [] })).toEqual(["principal", "membership"]);
    expect(await endsOf(native)).toEqual(["principal", "membership", "resource", "assignment", "credential"]);
  });

  it("is previewed with what it would become", async () => {
    const context = { settings: { encoding: "auto" as const }, secrets: {}, signal: new AbortController().signal, now };
    const file = { name: "x.json", stream: Readable.from([JSON.stringify(native)]), size: null };
    const preview = await json.previewFile?.(context, file, null);
    expect(preview?.mapping).toEqual({ format: "rollcall" });
    expect(preview?.observations).toHaveLength(7);
    expect(preview?.rows[0]?.[0]).toBe("accounts");
  });
});

describe("Rollcall's own format", () => {
  const id = fc
    .string({ minLength: 1, maxLength: 30, unit: "binary" })
    .filter((text) => !text.includes("\0") && text.isWellFormed());
  const time = fc.option(fc.date({ min: new Date("2000-01-01"), max: new Date("2100-01-01"), noInvalidDate: true }));
  const account = fc.record({
    externalId: id,
    name: id,
    email: fc.option(id),
    validUntil: time,
    attributes: fc.dictionary(
      id.filter((key) => key !== "__proto__"),
      fc.oneof(id, fc.integer(), fc.boolean()),
    ),
  });

  it("gives back whatever was written, in pieces of any size", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(account, { selector: (one) => one.externalId, maxLength: 6 }),
        fc.integer({ min: 1, max: 50 }),
        async (accounts, piece) => {
          const text = JSON.stringify({ accounts });
          const items = observed(await collect(readOf(text, { format: "rollcall" }, piece)));
          expect(items).toEqual(accounts.map((one) => observation.parse({ kind: "account", ...one })));
        },
      ),
      { numRuns: 200 },
    );
  });

  it("names what is not valid with its array and row, and keeps the rest", async () => {
    const text = JSON.stringify({
      accounts: [{ externalId: "" }, { externalId: "2", validUntil: "soon" }, { externalId: "3" }],
      parrots: [{ externalId: "4" }],
    });
    expect(await read(text)).toMatchObject([{ externalId: "3", name: "3" }]);
    const problems = (await problemsOf(text)).map((problem) => problem.message);
    expect(problems).toEqual([
      expect.stringMatching(/^Row 1: \(accounts\) externalId/),
      expect.stringMatching(/^Row 2: \(accounts\) validUntil/),
      expect.stringMatching(/^Row 1: \(parrots\)/),
    ]);
  });
});

describe("poisoned JSON", () => {
  it("numbers that no double holds stay as they are written", async () => {
    const items = await read('[{"id":12345678901234567890,"login":"1e5","employeeId":1e309}]');
    expect(items).toMatchObject([{ externalId: "12345678901234567890", name: "1e5", employeeNumber: "1e309" }]);
  });

  it("__proto__ and constructor are names like any other", async () => {
    const items = await read(
      '[{"id":"1","__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}]',
    );
    expect(items).toHaveLength(1);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(await read('{"accounts":[{"externalId":"1","attributes":{"__proto__":{"polluted":"yes"}}}]}')).toHaveLength(
      1,
    );
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it("a row that nests a thousand deep is left out, and the rest is read", async () => {
    const deep = `${"[".repeat(1_000)}${"]".repeat(1_000)}`;
    expect(await read(`[{"id":"1","x":${deep}},{"id":"2"}]`)).toMatchObject([{ externalId: "2" }]);
    expect(await read(`{"id":"2"}\n{"id":"1","x":${deep}}\n{"id":"3"}`)).toMatchObject([
      { externalId: "2" },
      { externalId: "3" },
    ]);
    expect(await fails("[".repeat(100_000))).toMatchObject({ code: "limit" });
  });

  it("a row of 10 MB is left out, and the rest is read", async () => {
    const long = "x".repeat(10 * 1_024 * 1_024);
    expect(await read(`[{"id":"1","login":"${long}"},{"id":"2"}]`)).toMatchObject([{ externalId: "2" }]);
    expect(await read(`{"id":"2"}\n{"id":"1","login":"${long}"}\n{"id":"3"}\n`)).toMatchObject([
      { externalId: "2" },
      { externalId: "3" },
    ]);
  });

  it.each([
    ["in a row", '[{"id":"1"},{"id":"2"'],
    ["in a text", '[{"id":"1"},{"id":"2'],
    ["between rows", '[{"id":"1"},'],
    ["in a line", '{"id":"1"}\n{"id":"2"'],
    ["in an array of ours", '{"accounts":[{"externalId":"1"}],"groups":['],
  ])("a file that is cut off %s ends nothing", async (_, text) => {
    expect(await fails(text)).toMatchObject({
      code: "invalid",
      message: expect.stringContaining("ends in the middle"),
    });
  });

  it("a line that is no object is named, and the others are read", async () => {
    const text = '{"id":"1"}\nnot json\n[1,2]\n{"id":"2"}\n';
    expect(await read(text)).toHaveLength(2);
    expect((await problemsOf(text)).map((problem) => problem.object)).toEqual(["row 2", "row 3"]);
  });

  it("anything at all is read or refused in words, in pieces of any size", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.json(), fc.stringMatching(/^[[\]{}",:\\a1 \n]{0,30}$/)),
        fc.integer({ min: 1, max: 9 }),
        async (text, piece) => {
          try {
            await collect(readOf(text, null, piece));
          } catch (error) {
            expect(error).toMatchObject({ name: "ConnectorError" });
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
