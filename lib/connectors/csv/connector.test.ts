import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import type { FileMapping, ReadEvent, SourceFile } from "../contract";
import { collect, hostileNames, observed, testContract } from "../contract-tests";
import type { ColumnMappingInput } from "../file-mapping";
import { guardFormula } from "../formula-text";
import { csv } from "./connector";
import { csvText } from "./parse-csv";
import { type CsvSettings, csvSettings } from "./schema";

type Bytes = string | Buffer;
const now = new Date("2026-11-20T12:00:00Z");

function fileOf(content: Bytes, size?: number): SourceFile {
  const bytes = Buffer.from(content as string);
  const pieces = Array.from({ length: Math.ceil(bytes.length / 1_000) }, (_, at) =>
    bytes.subarray(at * 1_000, at * 1_000 + 1_000),
  );
  return { name: "people.csv", stream: Readable.from(pieces), size: size ?? bytes.length };
}

function readOf(
  content: Bytes,
  mapping: FileMapping | null = null,
  settings: Partial<CsvSettings> = {},
  size?: number,
) {
  return (signal: AbortSignal): AsyncIterable<ReadEvent> => {
    if (!csv.readFile) throw new Error("csv reads files");
    const context = { settings: csvSettings.parse(settings), secrets: {}, signal, now };
    return csv.readFile(context, fileOf(content, size), mapping);
  };
}
const read = async (content: Bytes, mapping: FileMapping | null = null, settings: Partial<CsvSettings> = {}) =>
  observed(await collect(readOf(content, mapping, settings)));
const problemsOf = async (content: Bytes, mapping: FileMapping | null = null) =>
  (await collect(readOf(content, mapping))).flatMap((event) => (event.type === "problem" ? [event] : []));
const fails = async (content: Bytes, size?: number) => {
  const ended: string[] = [];
  try {
    for await (const event of readOf(content, null, {}, size)(new AbortController().signal)) {
      if (event.type === "ended") ended.push(event.kind);
    }
  } catch (error) {
    expect(ended).toEqual([]);
    return error;
  }
  throw new Error("the file was read");
};

const company = `id,login,name,email,status,groups,last login
1,ann,Ann Lindqvist,ann@nordwind.example,active,admins;users,2026-11-01T10:00:00Z
2,bo,Bo Li,bo@nordwind.example,disabled,users,never
`;

testContract("csv", {
  connector: csv,
  read: readOf(company),
  kinds: ["principal", "membership"],
  readHostile: readOf(
    csvText([["id", "name"], ...hostileNames.map((name, index) => [String(index), guardFormula(name)])]),
  ),
  failures: {
    "an empty file": readOf(""),
    "a quote that is not closed": readOf('id,name\n1,"Ann\n2,Bo\n'),
    "columns that mean nothing": readOf("a,b,c\n1,2,3\n"),
    "a mapping with a column that is not there": readOf(company, {
      rules: [{ kind: "account", externalId: { column: "nr" } }],
    }),
    "a mapping that is none": readOf(company, { rules: "all" }),
    "an Excel workbook": readOf("PK\u0003\u0004xl/workbook.xml"),
    "a file that was cut off": readOf(company, null, {}, 10_000),
  },
});

describe("what a table becomes", () => {
  it("accounts, groups and memberships from one row each", async () => {
    const items = await read(company);
    expect(items.filter((item) => item.kind === "account")).toMatchObject([
      {
        externalId: "1",
        name: "ann",
        displayName: "Ann Lindqvist",
        status: "active",
        lastUsedAt: new Date("2026-11-01T10:00:00Z"),
      },
      { externalId: "2", name: "bo", email: "bo@nordwind.example", status: "disabled", lastUsedAt: null },
    ]);
    expect(items.filter((item) => item.kind === "group").map((item) => item.name)).toEqual(["admins", "users"]);
    expect(items.filter((item) => item.kind === "membership")).toMatchObject([
      { member: "1", group: "group:admins" },
      { member: "1", group: "group:users" },
      { member: "2", group: "group:users" },
    ]);
  });

  it("resources and assignments from a list of rights", async () => {
    const items = await read(
      "user;resource type;resource;permission;grantable\nann;table;billing;SELECT, UPDATE;no\nbo;table;billing;SELECT;yes\n",
    );
    expect(items.filter((item) => item.kind === "resource")).toMatchObject([{ type: "table", externalId: "billing" }]);
    expect(items.filter((item) => item.kind === "assignment")).toMatchObject([
      { holder: "ann", permission: "SELECT", privilege: 1, grantable: false },
      { holder: "ann", permission: "UPDATE", privilege: 2 },
      { holder: "bo", permission: "SELECT", grantable: true },
    ]);
  });

  it("credentials from a list of keys, and never a secret's value", async () => {
    const items = await read(
      "account,key id,key type,secret,created,expires,last used\nann,AK1,access key,hunter2,2025-01-01,,2026-01-01\n",
    );
    expect(items.find((item) => item.kind === "credential")).toMatchObject({
      account: "ann",
      credentialKind: "access_key",
      externalId: "AK1",
      sourceCreatedAt: new Date("2025-01-01T00:00:00Z"),
    });
    expect(JSON.stringify(items)).not.toContain("hunter2");
  });

  it("whatever a mapping says, saved and used again", async () => {
    const mapping = {
      dates: "month_first",
      rules: [
        {
          kind: "account",
          repeats: true,
          externalId: { column: "Nr" },
          name: { columns: ["First", "Last"], join: " " },
          validUntil: { column: "Until" },
          identityKind: { value: "service account" },
        },
        { kind: "group", each: { column: "Teams", split: "/" }, externalId: { part: true, prefix: "t:" } },
        {
          kind: "membership",
          each: { column: "Teams", split: "/" },
          member: { column: "Nr" },
          group: { part: true, prefix: "t:" },
        },
        {
          kind: "resource",
          repeats: true,
          when: { column: "Admin", is: ["x"] },
          type: { value: "system" },
          externalId: { value: "erp" },
        },
        {
          kind: "assignment",
          when: { column: "Admin", is: ["x"] },
          holder: { column: "Nr" },
          resourceType: { value: "system" },
          resource: { value: "erp" },
          permission: { column: "Admin", words: { x: "administer" } },
        },
      ],
    } satisfies ColumnMappingInput;
    const items = await read("Nr,First,Last,Until,Teams,Admin\n7,Ann,Li,03/04/2027,a/b,X\n8,Bo,Ek,,b,\n", mapping);
    expect(items.filter((item) => item.kind === "account")).toMatchObject([
      {
        externalId: "7",
        name: "Ann Li",
        validUntil: new Date("2027-03-04T00:00:00Z"),
        kindHint: { kind: "service_account" },
      },
      { externalId: "8", validUntil: null },
    ]);
    expect(items.filter((item) => item.kind === "membership")).toHaveLength(3);
    expect(items.filter((item) => item.kind === "assignment")).toMatchObject([
      { holder: "7", permission: "administer", privilege: 3 },
    ]);
  });

  it("is previewed from the first rows, without reading the rest", async () => {
    let produced = 0;
    const endless = Readable.from(
      (function* () {
        yield "id,name\n";
        for (; ; produced++) yield `${produced},Name ${produced}\n`.repeat(100);
      })(),
    );
    const context = { settings: csvSettings.parse({}), secrets: {}, signal: new AbortController().signal, now };
    const preview = await csv.previewFile?.(context, { name: "endless.csv", stream: endless, size: null }, null);
    expect(preview?.columns).toEqual(["id", "name"]);
    expect(preview?.rows).toHaveLength(20);
    expect(preview?.observations[0]).toMatchObject({ kind: "account", externalId: "0" });
    expect(produced).toBeLessThan(1_000);
  });
});

describe("exports that people have", () => {
  it.each([
    [
      "Google Workspace",
      "First Name [Required],Last Name [Required],Email Address [Required],Password [Required],Status [READ ONLY],Last Sign In [READ ONLY],Employee ID,Manager Email\nAnn,Li,ann@n.example,****,Active,2026/11/01 10:00:00,E1,bo@n.example\n",
      {
        externalId: "ann@n.example",
        displayName: "Ann Li",
        employeeNumber: "E1",
        managerExternalId: "bo@n.example",
        status: "active",
      },
    ],
    [
      "Entra",
      "id,userPrincipalName,displayName,mail,accountEnabled,userType,createdDateTime,department\n0a1b,ann@n.example,Ann Li,ann@n.example,False,Member,2024-05-06T07:08:09Z,Sales\n",
      { externalId: "0a1b", name: "ann@n.example", status: "disabled", attributes: { department: "Sales" } },
    ],
    [
      "Active Directory",
      'DistinguishedName,SamAccountName,Name,Enabled,LastLogonDate,MemberOf,PasswordLastSet\n"CN=Ann Li,OU=X,DC=n",ann,Ann Li,True,11/21/2026 9:14:03 AM,"CN=A,DC=n;CN=B,DC=n",1/2/2024\n',
      { externalId: "CN=Ann Li,OU=X,DC=n", name: "ann", lastUsedAt: new Date("2026-11-21T09:14:03Z") },
    ],
    [
      "Okta",
      "id,login,firstName,lastName,email,status,lastLogin,created\n00u1,ann@n.example,Ann,Li,ann@n.example,PASSWORD_EXPIRED,2026-11-01T10:00:00.000Z,2025-01-01T00:00:00.000Z\n",
      { externalId: "00u1", name: "ann@n.example", displayName: "Ann Li", status: "active" },
    ],
    [
      "Slack",
      "username,email,status,billing-active,has-2fa,has-sso,userid,fullname,displayname\nann,ann@n.example,Deactivated,0,1,1,U1,Ann Li,ann\n",
      { externalId: "U1", name: "ann", status: "disabled" },
    ],
    [
      "Jira",
      "User id,User name,email,User status,Added to org,Last seen in org\n5b1,Ann Li,ann@n.example,Active,01 Jun 2021,20 Nov 2026\n",
      { externalId: "5b1", email: "ann@n.example", lastUsedAt: new Date("2026-11-20T00:00:00Z") },
    ],
    [
      "an HR system",
      "Employee ID,Name,Email - Work,businessTitle,Cost Center,Manager ID,Worker Type\nemp1,Ann Li,ann@n.example,Engineer,Eng,emp3,Employee\n",
      {
        externalId: "emp1",
        employeeNumber: "emp1",
        managerExternalId: "emp3",
        email: "ann@n.example",
        kindHint: { kind: "human" },
      },
    ],
    [
      "a list that names managers by number",
      "Mitarbeiter-ID;Name;E-Mail;Vorgesetzter;Abteilung\n1001;Ann Li;ann@n.example;1000;Labor\n1000;Bo Ek;bo@n.example;;Labor\n",
      { externalId: "1001", employeeNumber: "1001", managerExternalId: "1000", attributes: { department: "Labor" } },
    ],
    [
      "a list that names managers by address",
      "uid,mail,manager\nu1,ann@n.example,bo@n.example\nu2,bo@n.example,\n",
      { externalId: "ann@n.example", managerExternalId: "bo@n.example" },
    ],
  ])("%s", async (_, text, expected) => {
    expect((await read(text)).find((item) => item.kind === "account")).toMatchObject(expected);
    expect((await problemsOf(text)).map((problem) => problem.message)).toEqual([]);
  });

  const report = path.resolve(
    import.meta.dirname,
    "../../../../shared/data/aws-recorded-emulator/credential-report.csv",
  );
  it.skipIf(!existsSync(report))("the credential report of AWS (sample data), with passwords and keys", async () => {
    const items = await read(readFileSync(report));
    expect(items.filter((item) => item.kind === "account").length).toBeGreaterThan(2);
    expect(items.find((item) => item.kind === "credential")).toMatchObject({
      credentialKind: "access_key",
      name: "Access key 1",
    });
  });
});

describe("text in other encodings and with other marks", () => {
  const named = (items: Awaited<ReturnType<typeof read>>) => items.map((item) => ("name" in item ? item.name : ""));
  const text = "id;name\r\n1;Zoë Müller\r\n2;Łukasz 你好\r\n";

  it.each([
    ["UTF-8 with a mark", Buffer.from(`\ufeff${text}`)],
    ["UTF-16 LE with a mark", Buffer.from(`\ufeff${text}`, "utf16le")],
    ["UTF-16 LE without", Buffer.from(text, "utf16le")],
    ["UTF-16 BE with a mark", Buffer.from(`\ufeff${text}`, "utf16le").swap16()],
  ])("%s", async (_, bytes) => expect(named(await read(bytes))).toEqual(["Zoë Müller", "Łukasz 你好"]));

  it("Latin-1 throughout, Latin-1 that begins after 100 KB, and lines of both", async () => {
    expect(named(await read(Buffer.from("id,name\n1,Zoë Müller\n", "latin1")))).toEqual(["Zoë Müller"]);
    const ascii = Array.from({ length: 9_000 }, (_, index) => `${index},Name ${index}\n`).join("");
    const late = Buffer.concat([
      Buffer.from(`id,name\n${ascii}`),
      Buffer.from("x,Ærø\n", "latin1"),
      Buffer.from("y,Łódź\n"),
    ]);
    expect(named(await read(late)).slice(-2)).toEqual(["Ærø", "Łódź"]);
  });

  it.each([",", ";", "\t", "|"])("cells parted by %j", async (mark) => {
    expect(named(await read(`id${mark}name\n1${mark}Ann\n`))).toEqual(["Ann"]);
    expect(named(await read(`sep=${mark}\nid${mark}name\n1${mark}Ann\n`))).toEqual(["Ann"]);
  });
});

describe("poisoned tables", () => {
  it("NUL becomes a mark, in place of being lost or stored", async () => {
    expect(await read("id,name\n1,a\0b\n")).toMatchObject([{ name: "a\ufffdb" }]);
  });

  it("formula text stays text, and our own export's guard is undone", async () => {
    const items = await read("id,name\n1,=1+1\n2,'=1+1\n3,'it is\n");
    expect(items).toMatchObject([{ name: "=1+1" }, { name: "=1+1" }, { name: "'it is" }]);
  });

  it("a header that names a prototype changes none", async () => {
    const items = await read("id,__proto__,constructor,toString\n1,polluted,polluted,polluted\n");
    expect(items).toHaveLength(1);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.prototype.toString.call({})).toBe("[object Object]");
  });

  it("1e309 and impossible dates are named with their row, and the rest of the row stands", async () => {
    const text = "id,name,created,expires\n1,Ann,1e309,2025-02-30\n2,Bo,2025-01-01,\n";
    expect(await read(text)).toHaveLength(2);
    expect(await problemsOf(text)).toMatchObject([
      { object: "row 2", message: expect.stringContaining("2025-02-30") },
      { object: "row 2", message: expect.stringContaining("1e309"), remedy: expect.stringMatching(/./) },
    ]);
  });

  it("a duplicate id is named with both rows, and the first is kept; the same row twice is no matter", async () => {
    const text = "id,name\n1,Ann\n2,Bo\n1,Eve\n2,Bo\n";
    expect(await read(text)).toMatchObject([{ name: "Ann" }, { name: "Bo" }]);
    expect(await problemsOf(text)).toMatchObject([{ object: "row 4", message: expect.stringContaining("row 2") }]);
  });

  it("names that only look alike stay two", async () => {
    expect(await read("id,name\nadmin,admin\nаdmin,аdmin\nADMIN,ADMIN\n")).toHaveLength(3);
  });

  it("a duplicate header is renamed and said", async () => {
    expect(await problemsOf("id,email,email\n1,a@n.example,b@n.example\n")).toMatchObject([
      { message: expect.stringContaining("email") },
    ]);
  });

  it("a cell of 10 MB costs its row, not the file", async () => {
    const text = `id,name\n1,Ann\n2,"${"x".repeat(10 * 1_024 * 1_024)}"\n3,Bo\n`;
    expect((await read(text)).map((item) => ("externalId" in item ? item.externalId : ""))).toEqual(["1", "3"]);
    expect(await problemsOf(text)).toMatchObject([{ object: "row 3" }]);
  });

  it("10,000 columns are read, more are refused", async () => {
    const wide = (count: number) =>
      `id,name,${Array.from({ length: count }, (_, index) => `c${index}`).join(",")}\n1,Ann\n`;
    expect(await read(wide(9_998))).toMatchObject([{ name: "Ann" }]);
    expect(await fails(wide(9_999))).toMatchObject({ code: "limit" });
  });

  it("a row with too many cells is left out; cells that are missing at the end are empty", async () => {
    const text = "id,name,email\n1,Ann,a@n.example,extra\n2,Bo\n3,Eve,,\n";
    expect(await read(text)).toMatchObject([{ name: "Bo" }, { name: "Eve" }]);
    expect(await problemsOf(text)).toMatchObject([{ object: "row 2" }]);
  });

  it("a million bad rows are counted, not listed", async () => {
    const problems = await problemsOf(`id,name\n${",nobody\n".repeat(50_000)}1,Ann\n`);
    expect(problems.length).toBeLessThan(30);
    expect(problems.at(-1)?.message).toContain("49980 more rows");
  });

  it("a file that is cut off in a row, in a quote or before its size ends nothing", async () => {
    expect(await fails("id,name,email\n1,Ann,a@n.example\n2,Bo")).toMatchObject({
      message: expect.stringContaining("row 3"),
    });
    expect(await fails('id,name\n1,Ann\n2,"Bo\n3,Eve\n')).toMatchObject({ message: expect.stringContaining("row 3") });
    expect(await fails('id,name\n1,Ann\n2,"Bo\n3,Eve"x\n4,Kim\n')).toMatchObject({
      message: expect.stringContaining("row 3"),
    });
    expect(await fails(company, 99_999)).toMatchObject({ retryable: true });
  });

  it("every naughty string comes through as a name", async () => {
    const list = path.resolve(import.meta.dirname, "../../../../shared/data/naughty/blns.json");
    if (!existsSync(list)) return process.stderr.write("naughty strings: ../shared/data is not here, skipped\n");
    const strings = (JSON.parse(readFileSync(list, "utf8")) as string[])
      .map((text) => text.trim())
      .filter((text) => text !== "" && !text.includes("\0"));
    const items = await read(
      csvText([["id", "name"], ...strings.map((text, index) => [String(index), guardFormula(text)])]),
    );
    expect(items.map((item) => ("name" in item ? item.name : ""))).toEqual(strings.map((text) => text.toWellFormed()));
    return undefined;
  });
});
