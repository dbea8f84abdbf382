import { z } from "zod";
import type { AccountRef } from "../provisioning";
import type { Provisioner } from "./provision-session";
import { roleOid, roleRefOf } from "./role-ref";

/** How the comment of an account that Rollcall made begins. No other role is ever changed as if it were one. */
export const madeByRollcall = "Short-lived account made by Rollcall";

const issued = z.object({
  name: z.string(),
  made: z.boolean(),
  login: z.boolean(),
  valid_until: z.string().nullable(),
  sessions: z.number().int(),
  memberships: z.array(z.object({ role: z.string(), ours: z.boolean() })),
  /** Databases in which it holds or owns something; null stands for what belongs to the cluster. */
  places: z.array(z.object({ database: z.string().nullable(), privileges: z.number(), owned: z.number() })),
});
/** A short-lived account and what it has. */
export type Issued = z.infer<typeof issued>;

/** The role of an account, and everything that hangs on it, or null. */
export async function findIssued({ session, cluster }: Provisioner, of: AccountRef): Promise<Issued | null> {
  const { name, oid } = roleRefOf(cluster, of);
  const [row] = await session.ask(
    `
    select r.rolname::text as name, r.rolcanlogin as login, r.rolvaliduntil::text as valid_until,
      coalesce(starts_with(shobj_description(r.oid, 'pg_authid'), $2::text), false) as made,
      (select count(*)::int from pg_stat_activity a where a.usesysid = r.oid) as sessions,
      coalesce((select jsonb_agg(jsonb_build_object('role', g.rolname::text, 'ours', m.grantor = (
          select oid from pg_roles where rolname = current_user)) order by g.rolname)
        from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = r.oid), '[]') as memberships,
      coalesce((select jsonb_agg(p order by p.database) from (
        select d.datname::text as database, count(*) filter (where s.deptype = 'a') as privileges,
          count(*) filter (where s.deptype = 'o') as owned
        from pg_shdepend s left join pg_database d on d.oid = s.dbid
        where s.refclassid = 'pg_authid'::regclass and s.refobjid = r.oid and s.classid <> 'pg_auth_members'::regclass
          and s.deptype in ('a', 'o')
        group by d.datname) p), '[]') as places
    from pg_roles r where r.oid = ${roleOid("$1", "$3")}`,
    [name, madeByRollcall, oid],
    issued,
  );
  return row ?? null;
}

/** What it still has, in words; empty where it has nothing. What it owns is no access: nobody can sign in as it. */
export function whatStands({ login, sessions, memberships, places }: Issued): string[] {
  const privileges = places.filter((place) => place.privileges > 0);
  return [
    ...(login ? ["it can sign in"] : []),
    ...(sessions > 0 ? [`${sessions} open sessions`] : []),
    ...memberships.map(({ role }) => `member of "${role}"`),
    ...privileges.map((place) => `privileges on ${place.privileges} objects ${placeInWords(place.database)}`),
  ];
}

/** What it owns, in words. */
export function whatItOwns({ places }: Issued): string[] {
  const owning = places.filter(({ owned }) => owned > 0);
  return owning.map(({ owned, database }) => `${owned} objects ${placeInWords(database)}`);
}

function placeInWords(database: string | null): string {
  return database === null ? "of the cluster" : `in the database "${database}"`;
}
