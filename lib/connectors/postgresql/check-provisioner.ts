import { z } from "zod";
import { ConnectorError } from "../connector-error";
import type { CheckResult } from "../contract";
import { madeByRollcall } from "./issued-account";
import { asProvisioner, type Call, mayProvision, type Provisioner } from "./provision-session";
import { quoted } from "./sight";

const factsRow = z.object({
  createrole: z.boolean(),
  signals: z.boolean(),
  administers: z.array(z.string()),
  inherits: z.array(z.string()),
  places: z.array(z.object({ database: z.string().nullable(), objects: z.number() })),
});
type Facts = z.infer<typeof factsRow>;
type Gives = Required<Pick<CheckResult, "gives" | "cannotGive">>;

/** What the role that gives access can give and take, and what it cannot. */
export async function checkProvisioner(call: Call): Promise<Gives> {
  const may = mayProvision(call.settings);
  if (may !== true) return { gives: [], cannotGive: [{ what: "anything", ...may }] };
  try {
    return await asProvisioner(call, call.settings.database, async (provisioner) =>
      inWords(await lookAtItself(provisioner), provisioner),
    );
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    call.signal.throwIfAborted();
    return { gives: [], cannotGive: [{ what: "anything", because: error.message, remedy: error.remedy }] };
  }
}

async function lookAtItself({ session }: Provisioner): Promise<Facts> {
  const [facts] = await session.all(
    `
    select me.rolcreaterole as createrole, pg_has_role('pg_signal_backend', 'MEMBER') as signals,
      array(select r.rolname::text from pg_auth_members m join pg_roles r on r.oid = m.roleid
        where m.member = me.oid and m.admin_option
          and not coalesce(starts_with(shobj_description(r.oid, 'pg_authid'), '${madeByRollcall}'), false)
        group by r.rolname order by r.rolname) as administers,
      array(select r.rolname::text from pg_roles r where r.oid <> me.oid and r.rolname <> 'pg_signal_backend'
        and pg_has_role(r.oid, 'USAGE') order by r.rolname limit 10) as inherits,
      coalesce((select jsonb_agg(p order by p.database) from (
        select d.datname::text as database, count(*) as objects from pg_shdepend s left join pg_database d on d.oid = s.dbid
        where s.refclassid = 'pg_authid'::regclass and s.refobjid = me.oid and s.deptype in ('a', 'o') and s.classid <> 'pg_auth_members'::regclass
        group by d.datname) p), '[]') as places
    from pg_roles me where me.rolname = current_user`,
    factsRow,
  );
  if (!facts) throw new Error("the server did not say who we are");
  return facts;
}

function inWords(facts: Facts, { me, major }: Provisioner): Gives {
  const gives: string[] = [];
  const cannotGive: Gives["cannotGive"] = [];
  const anyRole = major < 16 && facts.createrole;
  if (anyRole) gives.push("membership of every role that is no superuser (CREATEROLE on PostgreSQL 15)");
  else if (facts.administers.length > 0) gives.push(`membership of ${listed(facts.administers)}`);
  else {
    cannotGive.push({
      what: "membership of any role",
      because: `"${me}" has ADMIN OPTION on none`,
      remedy: `For each role to give: GRANT "role_to_give" TO ${quoted(me)} WITH ADMIN OPTION;`,
    });
  }
  for (const { database, objects } of facts.places) {
    const place = database === null ? "of the cluster" : `in ${database}`;
    gives.push(`privileges on ${objects} objects ${place}, where it has the grant option`);
  }
  if (facts.createrole) gives.push("short-lived accounts", disabling(facts, anyRole));
  else {
    cannotGive.push({
      what: "short-lived accounts; nor disable an account",
      because: `"${me}" has no CREATEROLE`,
      remedy: `ALTER ROLE ${quoted(me)} CREATEROLE;`,
    });
  }
  if (facts.signals) gives.push("ends sessions, of everybody but superusers");
  else {
    cannotGive.push({
      what: "an end to open sessions",
      because: `"${me}" is not in pg_signal_backend`,
      remedy: `GRANT pg_signal_backend TO ${quoted(me)};`,
    });
  }
  if (facts.inherits.length > 0) {
    cannotGive.push({
      what: `what ${listed(facts.inherits)} could give`,
      because: `"${me}" inherits from it, and PostgreSQL may note that as given by the other role`,
      remedy: `Grant it WITH INHERIT FALSE, or ALTER ROLE ${quoted(me)} NOINHERIT on PostgreSQL 15.`,
    });
  }
  return { gives, cannotGive };
}

function disabling({ administers }: Facts, anyRole: boolean): string {
  if (anyRole) return "disables every account that is no superuser";
  return administers.length > 0 ? `disables ${listed(administers)}` : "disables the accounts that it made";
}

function listed(names: string[]): string {
  const shown = names.slice(0, 10).join(", ");
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown;
}
