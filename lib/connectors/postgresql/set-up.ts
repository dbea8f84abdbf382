import type { SetupStep } from "../contract";
import { passwordsViewSql } from "./catalog";
import type { Settings } from "./schema";
import { setUpProvisioning } from "./set-up-provisioning";
import { quoted } from "./sight";

/** The text in the instructions that stands for the password to choose. */
export const passwordPlaceholder = "a long random password";

/** How to make a role that can read the roll and nothing else. Run as a superuser or the cloud's administrator. */
export function setUp(settings: Settings): SetupStep[] {
  const role = quoted(settings.user);
  const toRead = settings.databases === "list" ? settings.include : [settings.database];
  return [
    {
      text: `In any database, make the role. It owns nothing, reads no table of yours and cannot change anything; what it reads, the system catalogs, every role may read. Put a password of your own in place of '${passwordPlaceholder}'.`,
      code: [
        `CREATE ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 5 PASSWORD '${passwordPlaceholder}';`,
        `ALTER ROLE ${role} SET default_transaction_read_only = on;`,
      ].join("\n"),
    },
    {
      text: "Let it see when sessions of other roles were last active. Without it, last use is known less well.",
      code: `GRANT pg_read_all_stats TO ${role};`,
    },
    {
      text:
        settings.databases === "all"
          ? "Let it connect to each database that is to be read. Everybody may, unless CONNECT was revoked from PUBLIC; then run this for each."
          : "Let it connect to each database that is to be read.",
      code: toRead.map((name) => `GRANT CONNECT ON DATABASE ${quoted(name)} TO ${role};`).join("\n"),
    },
    {
      text: `Optional, as a superuser in the database ${quoted(settings.database)}: a view that says which roles have a password and how it is stored, without showing any hash.`,
      code: [
        "CREATE SCHEMA rollcall;",
        `CREATE VIEW rollcall.role_passwords AS ${passwordsViewSql.replaceAll(/\s+/g, " ").trim()};`,
        `GRANT USAGE ON SCHEMA rollcall TO ${role};`,
        `GRANT SELECT ON rollcall.role_passwords TO ${role};`,
      ].join("\n"),
    },
    {
      text: "Let it in from Rollcall's address: one line in the server's pg_hba.conf, then reload the server.",
      code: `hostssl all ${role} <address of Rollcall>/32 scram-sha-256`,
    },
    ...setUpProvisioning(settings, passwordPlaceholder),
  ];
}
