import type { CheckResult, Connector, Context, ReadEvent } from "../contract";
import { checkProvisioner } from "./check-provisioner";
import { type Search, type Session, signIn } from "./client";
import { indexAttributes } from "./directory-index";
import { disable, enable, mayDisable } from "./disable-account";
import { normalDn } from "./dn";
import { type Entry, textsOf } from "./entry";
import { canGive, grant, mayProvision, readBack, revoke } from "./give-access";
import { filters, isGroup, memberAttributes } from "./kinds";
import { isOwn, probe, remove } from "./leave-account";
import { policyEntries } from "./lock-heeded";
import { coverageOf, hiddenThings, lookAround, nobodyThere, type Surroundings } from "./look-around";
import { adAccountAttributes } from "./map-active-directory";
import { groupAttributes, member } from "./map-groups";
import { standardAccountAttributes } from "./map-openldap";
import { nobodyLocks, policiesOf } from "./password-policy";
import { readDirectory, type Source } from "./read-directory";
import { revokeAll } from "./revoke-all";
import { type Secrets, type Settings, secrets, settings } from "./schema";
import { setUp } from "./set-up";

type LdapContext = Context<Settings, Secrets>;

/** A directory: OpenLDAP and others with the standard schemas, and Active Directory. */
export const ldap: Connector<Settings, Secrets> = {
  name: "ldap",
  label: "LDAP directory",
  description: "Accounts, groups and nested memberships of Active Directory, OpenLDAP and other LDAP directories.",
  settings,
  secrets,
  words: { account: "account", group: "group" },
  setup: setUp,
  check,
  read,
  mayProvision,
  canGive,
  grant,
  revoke,
  readBack,
  revokeAll,
  mayDisable,
  disable,
  enable,
  remove,
  probe,
  isOwn,
  nameKey: normalDn,
  permissionsOn: (type) => (type === "group" ? [member] : []),
};

async function check(context: LdapContext): Promise<CheckResult> {
  const { settings } = context;
  const session = await signIn(context);
  try {
    const at = await lookAround(session, settings);
    const accounts = await firstPage(session, searchFor(at, settings, "accounts"));
    const groups = await firstPage(session, searchFor(at, settings, "groups"));
    if (accounts.length + groups.length === 0) throw nobodyThere(session, at.base);
    return {
      system: at.system,
      as: settings.bindDn || "nobody: anonymous",
      sees: [
        `${counted(accounts.length, settings.pageSize, "account")} in ${at.base}`,
        `${counted(groups.length, settings.pageSize, "group")}, with their members and nested groups`,
        session.encrypted
          ? "all of this over an encrypted connection to a server that proved who it is"
          : "all of this over a connection that is NOT encrypted: everybody on the way can read the password",
      ],
      cannotSee: [
        ...(session.encrypted
          ? []
          : [
              {
                what: "whether the server is the one that was meant",
                because: "the connection is not encrypted",
                remedy: "Choose ldaps or starttls.",
              },
            ]),
        ...hiddenThings(at, settings),
      ],
      ...(await checkProvisioner(context)),
    };
  } finally {
    await session.close();
  }
}

async function* read(context: LdapContext): AsyncGenerator<ReadEvent> {
  const session = await signIn(context);
  try {
    const at = await lookAround(session, context.settings);
    yield* readDirectory(await sourceOver(session, at, context));
  } finally {
    await session.close();
  }
}

async function sourceOver(session: Session, at: Surroundings, { settings, now, signal }: LdapContext): Promise<Source> {
  const isAd = at.schema === "active-directory";
  const policies = policiesOf(isAd ? [] : await policyEntries({ session, at }));
  const searching = (what: "accounts" | "groups", attributes: readonly string[]) =>
    session.pages({ ...searchFor(at, settings, what), attributes });
  const members = isAd ? [`member;range=0-${settings.pageSize - 1}`] : memberAttributes;
  return {
    directory: {
      externalId: at.sid ?? at.base.toLowerCase(),
      name: at.base,
      attributes: { schema: at.schema, ...(!isAd && nobodyLocks(policies) ? { locks: "nobody" } : {}) },
    },
    policies,
    privilegedGroups: settings.privilegedGroups,
    now,
    signal,
    preface: [
      ...coverageOf(at),
      ...hiddenThings(at, settings).map((hidden): ReadEvent => ({ type: "invisible", ...hidden })),
    ],
    async *index() {
      yield* searching("accounts", indexAttributes);
      yield* searching("groups", indexAttributes);
    },
    accounts: () => searching("accounts", isAd ? adAccountAttributes : standardAccountAttributes),
    groups: () => searching("groups", [...groupAttributes, ...members]),
    furtherMembers: (group) => furtherMembers(session, group, settings.pageSize),
    refuseEmpty: () => nobodyThere(session, at.base),
  };
}

// Active Directory gives a long list in parts, when asked for each (MS-ADTS 3.1.1.3.1.3.3).
async function* furtherMembers(session: Session, group: Entry, step: number): AsyncGenerator<string[]> {
  let next = group.unfinished?.get("member");
  while (next !== undefined) {
    const part = await session.entry(group.dn, [`member;range=${next}-${next + step - 1}`]);
    // It may be gone since.
    if (!part) return;
    yield textsOf(part, "member");
    const after = part.unfinished?.get("member");
    next = after !== undefined && after > next ? after : undefined;
  }
}

function searchFor(at: Surroundings, settings: Settings, what: "accounts" | "groups"): Search {
  const own = what === "accounts" ? settings.accountFilter : settings.groupFilter;
  const known = filters[at.schema][what];
  const only = own.startsWith("(") || own === "" ? own : `(${own})`;
  return {
    base: at.base,
    scope: "sub",
    filter: only === "" ? known : `(&${known}${only})`,
    attributes: ["objectClass"],
  };
}

async function firstPage(session: Session, search: Search): Promise<Entry[]> {
  for await (const page of session.pages(search)) {
    if (page.length > 0) return page.filter((entry) => isGroup(entry) || entry.dn !== "");
  }
  return [];
}

function counted(found: number, pageSize: number, word: string): string {
  const much = found >= pageSize ? `${pageSize} or more` : String(found);
  return `${much} ${word}${found === 1 ? "" : "s"}`;
}
