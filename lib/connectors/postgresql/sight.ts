import { ConnectorError } from "../connector-error";
import type { CheckResult } from "../contract";
import type { DatabaseRow, FactsRow, Settings, VersionRow } from "./schema";

// What of a cluster can be seen, and what cannot. Pure.

/** The oldest PostgreSQL that is read. */
export const oldestMajor = 15;

type Hidden = CheckResult["cannotSee"][number];

/** The major version of a server that is understood. @throws ConnectorError where it is older. */
export function supportedMajor(row: VersionRow | undefined, object: string): number {
  const major = Math.floor(Number(row?.server_version_num) / 10_000);
  if (major >= oldestMajor) return major;
  throw new ConnectorError(
    "invalid",
    `this is PostgreSQL ${major || "of no version"}; Rollcall reads ${oldestMajor} and later`,
    {
      remedy: "Upgrade the server: older versions get no security fixes any more.",
      object,
    },
  );
}

/** The databases to read, in order. */
export function selectDatabases(settings: Settings, databases: readonly DatabaseRow[]): string[] {
  return wanted(settings, databases)
    .filter((database) => database.allows_connections && database.may_connect)
    .map(({ name }) => name);
}

/** The databases that would be read if they could be entered, and the ones that were named and are not there. */
export function hiddenDatabases(settings: Settings, databases: readonly DatabaseRow[]): Hidden[] {
  const chosen = wanted(settings, databases);
  const closed = chosen.filter(({ may_connect, allows_connections }) => allows_connections && !may_connect);
  const shut = chosen.filter(({ allows_connections }) => !allows_connections);
  const there = new Set(databases.map(({ name }) => name));
  const named = settings.databases === "list" ? settings.include : [];
  return [
    ...closed.map(({ name }) => ({
      what: `what is inside the database "${name}"`,
      because: `"${settings.user}" may not connect to it`,
      remedy: `GRANT CONNECT ON DATABASE ${quoted(name)} TO ${quoted(settings.user)}; or exclude it in the settings.`,
    })),
    ...shut.map(({ name }) => ({
      what: `what is inside the database "${name}"`,
      because: "it takes no connections",
      remedy: `ALTER DATABASE ${quoted(name)} ALLOW_CONNECTIONS true; or take it out of the settings.`,
    })),
    ...named
      .filter((name) => !there.has(name))
      .map((name) => ({
        what: `the database "${name}"`,
        because: "there is none of this name",
        remedy: "Take it out of the included databases, or correct its name.",
      })),
  ];
}

// A session in a template would keep others from copying it, and nobody works there: read only when it is named.
function wanted(settings: Settings, databases: readonly DatabaseRow[]): DatabaseRow[] {
  const choose = {
    all: ({ name, template, allows_connections }: DatabaseRow) =>
      allows_connections && !template && !settings.exclude.includes(name),
    one: ({ name }: DatabaseRow) => name === settings.database,
    list: ({ name }: DatabaseRow) => settings.include.includes(name),
  };
  return databases.filter(choose[settings.databases]);
}

/** What is hidden from this role in the cluster as a whole. */
export function hiddenThings(facts: FactsRow, settings: Settings): Hidden[] {
  const hidden: Hidden[] = [];
  if (facts.passwords === "hidden") {
    hidden.push({
      what: "which roles have a password",
      because: `"${facts.as}" may not read pg_authid`,
      remedy: "Make the view rollcall.role_passwords, as the set-up instructions say; it shows no hash.",
    });
  }
  if (!facts.sees_sessions) {
    hidden.push({
      what: "when and from where the sessions of other roles were last active",
      because: `"${facts.as}" is not in pg_read_all_stats; that there are sessions is seen`,
      remedy: `GRANT pg_read_all_stats TO ${quoted(settings.user)};`,
    });
  }
  hidden.push({
    what: "sign-ins between two reads",
    because: "PostgreSQL keeps no record of sign-ins",
    remedy: "Read often, or send usage from the server's log (log_connections) to Rollcall.",
  });
  return hidden;
}

/** `name` as an SQL identifier. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
