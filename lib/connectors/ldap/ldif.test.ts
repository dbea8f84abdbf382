import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import type { Connector, ReadEvent } from "../contract";
import { collect, hostileNames, observed, testContract } from "../contract-tests";
import type { ParsedObservation } from "../schema";
import { ldif } from "./ldif-connector";
import { ldapRead, testNow } from "./test-context";
import { sharedData } from "./test-data";
import { hasSlapd, startSlapd } from "./test-slapd";
import { addEntries, baseEntry, ldifEntry, person, smallCompany, takenNames } from "./test-world";

const base = "dc=planetexpress,dc=com";

function reading(text: string | Buffer, step = 65_536) {
  const bytes = Buffer.from(text);
  return (signal: AbortSignal): AsyncIterable<ReadEvent> => {
    const chunks = Array.from({ length: Math.ceil(bytes.length / step) }, (_, n) =>
      bytes.subarray(n * step, (n + 1) * step),
    );
    const file = { name: "directory.ldif", stream: Readable.from(chunks), size: bytes.length };
    const context = { settings: { privilegedGroups: "" }, secrets: {}, signal, now: testNow };
    return ldif.readFile?.(context, file, null) ?? (async function* () {})();
  };
}
const itemsOf = async (text: string | Buffer, step?: number) => observed(await collect(reading(text, step)));
const namesOf = (items: ParsedObservation[], kind: "account" | "group") =>
  items.flatMap((it) => (it.kind === kind ? [it.name] : [])).toSorted();
const hostile = hostileNames.map((name) => person(base, name)).join("");
const small = baseEntry(base) + smallCompany(base);

testContract("ldif", {
  connector: ldif as Connector,
  read: reading(small),
  readHostile: reading(baseEntry(base) + hostile),
  failures: {
    "a text that is no LDIF": reading("hello\nworld\n"),
    "an empty file": reading(""),
    "a file that is cut off in a line": reading(small.slice(0, -20)),
    "a file that says that it is incomplete": reading(`${small}\n# numEntries: 4711\n`),
    "a search that failed": reading(`${small}\nsearch: 2\nresult: 4 Size limit exceeded\n`),
    "a list of changes": reading(`dn: ${base}\nchangetype: modify\nadd: member\nmember: x\n-\n`),
    "base64 that is none": reading(`dn: uid=a,${base}\nobjectClass: person\nuid:: ###\n`),
    "a directory without anybody": reading(baseEntry(base)),
    "an endless line": reading(Buffer.concat([Buffer.from(`dn: uid=a,${base}\nuid: `), Buffer.alloc(17_000_000, "x")])),
  },
});

describe("the format (RFC 2849)", () => {
  it("joins folded lines, also in the middle of a letter's bytes, in base64 and in comments", async () => {
    const text = [
      "version: 1",
      "# a comment",
      "  that goes on",
      "dn:: dWlkPWFubixvdT1w",
      " ZW9wbGUsZGM9eA==",
      "objectClass: inetOrg",
      " Person",
      "uid: ann",
      "cn: Änne Lind",
      " qvist",
      "",
      "",
    ].join("\r\n");
    for (const step of [1, 3, 1_000]) {
      const [account] = (await itemsOf(text, step)).filter((it) => it.kind === "account");
      expect(account).toMatchObject({
        name: "ann",
        displayName: "Änne Lindqvist",
        attributes: { dn: "uid=ann,ou=people,dc=x" },
      });
    }
  });

  it("fetches nothing that a value points to, and says so", async () => {
    const text = `dn: uid=a,dc=x\nobjectClass: person\nuid: a\nmail:< file:///etc/passwd\njpegPhoto:< http://evil.example/\n`;
    const events = await collect(reading(text));
    expect(JSON.stringify(events)).not.toContain("root:");
    expect(events.filter((event) => event.type === "problem")).toEqual([
      expect.objectContaining({
        message: expect.stringContaining("line 4: mail is in another file"),
        object: "uid=a,dc=x",
      }),
    ]);
  });

  it("takes the first of two entries with one name, and names the other", async () => {
    const events = await collect(reading(person(base, "ann", { cn: "first" }) + person(base, "ann", { cn: "second" })));
    expect(observed(events).filter((it) => it.kind === "account")).toEqual([
      expect.objectContaining({ displayName: "first" }),
    ]);
    expect(events).toContainEqual(expect.objectContaining({ type: "problem", object: `uid=ann,ou=people,${base}` }));
  });

  it("reads what ldapsearch writes beside entries", async () => {
    const text = `# extended LDIF\n#\n\n${person(base, "ann")}\n# search reference\nref: ldap://other/dc=x\n\n# search result\nsearch: 2\nresult: 0 Success\n\n# numResponses: 3\n# numEntries: 1\n# numReferences: 1\n`;
    expect(namesOf(await itemsOf(text), "account")).toEqual(["ann"]);
  });

  it("leaves nothing behind, whatever happens", async () => {
    const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith("rollcall-ldif-")).length;
    const before = left();
    await itemsOf(small);
    await collect(reading(small.slice(0, -20))).catch(() => undefined);
    expect(left()).toBe(before);
  });
});

it("shows what a file would become before anything is imported", async () => {
  const file = { name: "directory.ldif", stream: Readable.from([Buffer.from(small)]), size: null };
  const signal = new AbortController().signal;
  const preview = await ldif.previewFile?.(
    { settings: { privilegedGroups: "" }, secrets: {}, signal, now: testNow },
    file,
    null,
  );
  expect(preview?.rows[0]).toEqual([base, "dcObject"]);
  expect(preview?.observations.some((it) => it.kind === "account" && it.name === "ann")).toBe(true);
});

it.runIf(hasSlapd())("says of an export what the live directory says", async () => {
  const server = await startSlapd();
  try {
    addEntries(
      server,
      baseEntry(base) +
        smallCompany(base) +
        ldifEntry(`ou=photos,${base}`, { objectClass: "organizationalUnit", ou: "photos" }),
    );
    const exported = await itemsOf(server.tool("slapcat", ["-b", base]));
    const source = { host: "127.0.0.1", port: server.tlsPort, ca: server.ca, bindDn: server.admin.dn };
    const live = observed(await collect(ldapRead(source, server.admin.password)));
    const comparable = (items: ParsedObservation[]) =>
      items.flatMap((it) => (it.kind === "resource" && it.type === "directory" ? [] : [JSON.stringify(it)])).toSorted();
    expect(comparable(exported)).toEqual(comparable(live));
    expect(namesOf(exported, "account").length).toBeGreaterThan(takenNames.length);
  } finally {
    await server.stop();
  }
});

const recorded = sharedData("ad-recorded/acme.test.ldif");
describe.runIf(recorded)("a recorded Active Directory (sample data)", () => {
  const items = async () => itemsOf(readFileSync(recorded ?? "", "utf8"));

  it("has everybody, with status, kind and privilege", async () => {
    const all = await items();
    const account = (name: string) => all.find((it) => it.kind === "account" && it.name === name);
    expect(account("gone")).toMatchObject({ status: "disabled" });
    expect(account("krbtgt")).toMatchObject({ kindHint: { kind: "service_account" } });
    expect(account("DC1$")).toMatchObject({ kindHint: { kind: "workload", reason: "it is a domain controller" } });
    expect(account("svc-sql")).toMatchObject({
      kindHint: { kind: "service_account", reason: expect.stringContaining("service principal name") },
    });
    expect(account("svc-asrep")?.kind === "account" && account("svc-asrep")).toMatchObject({
      attributes: { noPreauthentication: true },
    });
    expect(namesOf(all, "group")).toHaveLength(45);
  });

  it("takes the privileged groups for what they are, by number", async () => {
    const all = await items();
    const nameOf = new Map(all.flatMap((it) => (it.kind === "group" ? [[it.externalId, it.displayName]] : [])));
    const worth = new Map(
      all.flatMap((it) =>
        it.kind === "assignment" && it.permission === "member"
          ? [[nameOf.get(it.resource.externalId), it.privilege]]
          : [],
      ),
    );
    expect(worth.get("Domain Admins")).toBe(4);
    expect(worth.get("Administrators")).toBe(4);
    expect(worth.get("Domain Users")).toBe(1);
  });
});
if (!recorded)
  it.skip("a recorded Active Directory: skipped, the sample data in ../shared/data is not here", () => undefined);

const trees = sharedData("ldif/tests/data");
describe.runIf(trees)("OpenLDAP's own test trees (sample data)", () => {
  it.each(["test.ldif", "nis_sample.ldif", "test-whoami.ldif"])("reads %s", async (name) => {
    const text = readFileSync(`${trees}/${name}`, "utf8");
    const found = await itemsOf(text);
    expect(namesOf(found, "account").length).toBeGreaterThan(5);
    expect(namesOf(found, "group").length).toBeGreaterThan(0);
    expect(found.some((it) => it.kind === "membership")).toBe(true);
  });
});
