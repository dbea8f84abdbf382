import type { SetupStep } from "../contract";
import type { Settings } from "./schema";
import { quoted } from "./sight";

/** How to make a role that can give and take what is named to it, and nothing else. Run as a superuser. */
export function setUpProvisioning(settings: Settings, passwordPlaceholder: string): SetupStep[] {
  if (!settings.provisionUser) {
    return [
      {
        text: "Optional: a second role, with which Rollcall gives access and takes it back. Enter a name for it under “Role that gives access” and its statements are shown here. Without one, this connection only reads.",
      },
    ];
  }
  const role = quoted(settings.provisionUser);
  return [
    {
      text: `The role that gives access. It inherits nothing, so that PostgreSQL notes as its own what it gives. CREATEROLE is for short-lived accounts and for disabling; leave it out if Rollcall is only to give and take. On PostgreSQL 15 a role with CREATEROLE administers every role that is no superuser, the predefined ones too. pg_signal_backend ends sessions. Put a password of your own in place of '${passwordPlaceholder}'.`,
      code: [
        `CREATE ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB CREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT CONNECTION LIMIT 20 PASSWORD '${passwordPlaceholder}';`,
        `GRANT pg_signal_backend TO ${role};`,
      ].join("\n"),
    },
    {
      text: "On PostgreSQL 16 and later, for each role whose membership Rollcall is to give, and for each account that it is to disable. It may then administer them, and does not have what they have.",
      code: `GRANT "role_to_give" TO ${role} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;`,
    },
    {
      text: "On PostgreSQL 15, for each role whose membership Rollcall is to give. Not needed beside CREATEROLE.",
      code: `GRANT "role_to_give" TO ${role} WITH ADMIN OPTION;`,
    },
    {
      text: "For each privilege on an object that Rollcall is to give, as the owner. The role then has that privilege itself.",
      code: [
        `GRANT CONNECT ON DATABASE ${quoted(settings.database)} TO ${role};`,
        `GRANT USAGE ON SCHEMA "its_schema" TO ${role};`,
        `GRANT SELECT ON TABLE "its_schema"."table_to_give" TO ${role} WITH GRANT OPTION;`,
      ].join("\n"),
    },
    {
      text: "Let it in from Rollcall's address too.",
      code: `hostssl all ${role} <address of Rollcall>/32 scram-sha-256`,
    },
  ];
}
