import { z } from "zod";
import { ConnectorError } from "../connector-error";
import type { Connector, Context, FileMapping, FilePreview, ReadEvent, SourceFile, UsageCoverage } from "../contract";
import { indexAttributes } from "./directory-index";
import { normalDn, parseDn } from "./dn";
import { bytesOf, type Entry, isA, textOf } from "./entry";
import { EntrySpool } from "./entry-spool";
import { isAccount, isGroup, memberAttributes } from "./kinds";
import { type LdifEvent, parseLdif } from "./ldif";
import { adAccountAttributes } from "./map-active-directory";
import { groupAttributes, member } from "./map-groups";
import { standardAccountAttributes } from "./map-openldap";
import { policiesOf, policyAttributes } from "./password-policy";
import { readDirectory, type Source } from "./read-directory";
import { type LdifSettings, ldifSettings } from "./schema";
import { sidOf } from "./sid";

const noSecrets = z.strictObject({});
type Ldif = Context<LdifSettings, z.infer<typeof noSecrets>>;

const wanted: ReadonlySet<string> = new Set(
  [
    ...[...indexAttributes, ...adAccountAttributes, ...standardAccountAttributes, ...groupAttributes],
    ...[...memberAttributes, ...policyAttributes, "primaryGroupID"],
  ].map((name) => name.toLowerCase()),
);
const previewed = 200;

/** The export of a directory, by slapcat, ldapsearch or ldifde. */
export const ldif: Connector<LdifSettings, z.infer<typeof noSecrets>> = {
  name: "ldif",
  label: "LDIF file",
  description: "The export of an LDAP directory or Active Directory: accounts, groups and nested memberships.",
  settings: ldifSettings,
  secrets: noSecrets,
  words: { account: "account", group: "group" },
  readFile,
  previewFile,
  nameKey: normalDn,
  permissionsOn: (type) => (type === "group" ? [member] : []),
};

async function* readFile(context: Ldif, file: SourceFile, _mapping: FileMapping | null): AsyncIterable<ReadEvent> {
  context.signal.throwIfAborted();
  const spools = await Spools.open();
  try {
    const policies: Entry[] = [];
    const head = new Head();
    for await (const event of parseLdif(file, wanted)) {
      context.signal.throwIfAborted();
      if ("problem" in event) yield problemOf(event);
      else {
        head.see(event.entry);
        if (isA(event.entry, "pwdPolicy")) policies.push(event.entry);
        await spools.add(event.entry);
      }
    }
    yield* readDirectory(sourceOver(context, { spools, policies, directory: head.directory(), file }));
  } finally {
    await spools.close();
  }
}

type Spooled = { spools: Spools; policies: Entry[]; directory: Source["directory"]; file: SourceFile };

function sourceOver({ settings, now, signal }: Ldif, { spools, policies, directory, file }: Spooled): Source {
  return {
    directory,
    policies: policiesOf(policies),
    privilegedGroups: settings.privilegedGroups,
    now,
    signal,
    preface: (["account", "credential", "entitlement"] satisfies UsageCoverage["subject"][]).map((subject) => ({
      type: "coverage",
      coverage: {
        subject,
        complete: false,
        since: null,
        because: "a file says when an account was last used, but not since when use was watched",
      },
    })),
    async *index() {
      yield* spools.accounts.pages();
      yield* spools.groups.pages();
    },
    accounts: () => spools.accounts.pages(),
    groups: () => spools.groups.pages(),
    async *furtherMembers() {},
    refuseEmpty: () =>
      new ConnectorError("invalid", `${file.name} has no account and no group. Nothing was changed.`, {
        object: file.name,
        remedy: "Export the whole directory, with objectClass and its operational attributes.",
      }),
  };
}

async function previewFile(context: Ldif, file: SourceFile, mapping: FileMapping | null): Promise<FilePreview> {
  const entries: Entry[] = [];
  const problems: string[] = [];
  for await (const event of parseLdif(file, wanted)) {
    if ("problem" in event) problems.push(event.problem);
    else entries.push(event.entry);
    if (entries.length >= previewed) break;
  }
  file.stream.destroy();
  const head = new Head();
  for (const entry of entries) head.see(entry);
  const spools = await Spools.open();
  try {
    for (const entry of entries) await spools.add(entry);
    const source = sourceOver(context, { spools, policies: [], directory: head.directory(), file });
    const observations = [];
    for await (const event of readDirectory(source)) {
      if (event.type === "observations") observations.push(...event.items);
    }
    return {
      mapping: mapping ?? { format: "ldif" },
      columns: ["dn", "objectClass"],
      rows: entries.slice(0, 20).map((entry) => [entry.dn, textOf(entry, "objectClass") ?? ""]),
      observations: observations.slice(0, 50),
      problems: problems.slice(0, 50),
    };
  } finally {
    await spools.close();
  }
}

/** Accounts and groups, each in a file of its own; what is neither is not kept. */
class Spools {
  readonly accounts: EntrySpool;
  readonly groups: EntrySpool;

  private constructor(accounts: EntrySpool, groups: EntrySpool) {
    this.accounts = accounts;
    this.groups = groups;
  }

  static async open(): Promise<Spools> {
    return new Spools(await EntrySpool.open(), await EntrySpool.open());
  }

  async add(entry: Entry): Promise<void> {
    if (isGroup(entry)) await this.groups.add(entry);
    else if (isAccount(entry)) await this.accounts.add(entry);
  }

  async close(): Promise<void> {
    await Promise.all([this.accounts.close(), this.groups.close()]);
  }
}

/** The directory as a whole: the entry nearest to the root, and the number of its domain. */
class Head {
  private nearest: { dn: string; depth: number; sid: string | null } | null = null;

  see(entry: Entry): void {
    const depth = parseDn(entry.dn)?.length ?? 0;
    if (this.nearest && this.nearest.depth <= depth) return;
    this.nearest = { dn: entry.dn, depth, sid: sidOf(bytesOf(entry, "objectSid")[0]) };
  }

  directory(): Source["directory"] {
    const dn = this.nearest?.dn ?? "directory";
    const isDomain = this.nearest?.sid?.split("-").length === 7;
    const externalId = isDomain && this.nearest?.sid ? this.nearest.sid : normalDn(dn).slice(0, 400);
    return { externalId, name: dn.slice(0, 500), attributes: { schema: isDomain ? "active-directory" : "ldif" } };
  }
}

function problemOf({ problem, object, remedy }: Extract<LdifEvent, { problem: string }>): ReadEvent {
  return { type: "problem", message: problem, object, remedy };
}
