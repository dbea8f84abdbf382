import { z } from "zod";
import { partsOf } from "./names";
import { changing, type Provisioner, stateOf } from "./provision-session";
import { quoted } from "./sight";

const hangingRow = z.object({
  owned: z.boolean(),
  type: z.string().nullable(),
  identity: z.string().nullable(),
});
type Hanging = z.infer<typeof hangingRow>;

const mostNamed = 5;

// What pg_identify_object calls a thing → what GRANT calls it.
const keywords: Record<string, string> = {
  table: "TABLE",
  view: "TABLE",
  "materialized view": "TABLE",
  "foreign table": "TABLE",
  sequence: "SEQUENCE",
  function: "ROUTINE",
  procedure: "ROUTINE",
  aggregate: "ROUTINE",
  schema: "SCHEMA",
  database: "DATABASE",
  type: "TYPE",
  language: "LANGUAGE",
  "large object": "LARGE OBJECT",
  "foreign-data wrapper": "FOREIGN DATA WRAPPER",
  server: "FOREIGN SERVER",
  tablespace: "TABLESPACE",
  "parameter ACL": "PARAMETER",
};

/**
 * Hands on what a role owns in the database of the session, and takes what this connection gave it there and in the
 * cluster. Gives back what could not be done, in words.
 */
export async function clearDatabase(
  provisioner: Provisioner,
  { role, heirs }: { role: string; heirs: string[] },
): Promise<string[]> {
  const hanging = await whatHangs(provisioner, role);
  const troubles = hanging.some(({ owned }) => owned) ? await handOn(provisioner, { role, heirs }) : [];
  for (const thing of hanging) if (!thing.owned) await takePrivileges(provisioner, thing, role);
  const left = hanging.length > 0 ? await whatHangs(provisioner, role) : [];
  const names = left
    .slice(0, mostNamed)
    .map(({ owned, type, identity }) => `${owned ? "owns" : "on"} ${type} ${identity}`);
  return [...troubles, ...names, ...(left.length > mostNamed ? [`and ${left.length - mostNamed} more`] : [])];
}

async function whatHangs({ session }: Provisioner, role: string): Promise<Hanging[]> {
  return session.ask(
    `
    select distinct s.deptype = 'o' as owned, i.type, i.identity from pg_shdepend s
      cross join lateral pg_identify_object(s.classid, s.objid, 0) i
    where s.refclassid = 'pg_authid'::regclass and s.refobjid = (select oid from pg_roles where rolname = $1::name)
      and s.deptype in ('a', 'o') and s.classid <> 'pg_auth_members'::regclass
      and s.dbid in (0, (select oid from pg_database where datname = current_database()))`,
    [role],
    hangingRow,
  );
}

/**
 * As the role itself, which may hand over what is its own: to the first of its roles that may have it. DROP OWNED comes
 * in the same transaction, when nothing is owned any more: it clears its default privileges, and drops no object.
 */
async function handOn(provisioner: Provisioner, { role, heirs }: { role: string; heirs: string[] }): Promise<string[]> {
  const { session, major } = provisioner;
  const name = quoted(role);
  const options = major >= 16 ? " WITH INHERIT FALSE, SET TRUE GRANTED BY CURRENT_USER" : "";
  await session.run(`GRANT ${name} TO CURRENT_USER${options}`);
  const troubles: string[] = [];
  for (const heir of heirs) {
    try {
      await changing(provisioner, `role ${role}`, () =>
        session.run(
          `SET LOCAL ROLE ${name}; REASSIGN OWNED BY ${name} TO ${quoted(heir)}; DROP OWNED BY ${name} RESTRICT`,
        ),
      );
      return [];
    } catch (error) {
      if (stateOf(error) === null || !(error instanceof Error)) throw error;
      if (!["42501", "2BP01", "42939"].includes(stateOf(error) ?? "")) throw error;
      troubles.push(`what it made cannot go to "${heir}" (${error.message})`);
    }
  }
  return troubles.length > 0 ? troubles : ["it was a member of no role that could take what it made"];
}

// All that we gave there at once; where others gave, the server refuses or only warns, and it is seen afterwards.
async function takePrivileges(provisioner: Provisioner, { type, identity }: Hanging, role: string): Promise<void> {
  const keyword = type === null ? undefined : keywords[type];
  if (keyword === undefined || identity === null) return;
  const on = keyword === "PARAMETER" ? quoted(identity) : identity;
  await changing(provisioner, JSON.stringify(partsOf(identity) ?? [identity]), () =>
    provisioner.session.run(`REVOKE ALL ON ${keyword} ${on} FROM ${quoted(role)}`),
  ).catch((error: unknown) => {
    if (!["42501", "42704", "42P01", "42883", "3F000"].includes(stateOf(error) ?? "")) throw error;
  });
}
