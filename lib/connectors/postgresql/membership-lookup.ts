import { z } from "zod";
import type { Session } from "./client";
import { type RoleRef, roleOid } from "./role-ref";

const found = z.object({
  account: z.string().nullable(),
  superuser: z.boolean().nullable(),
  on: z.string().nullable(),
  grantors: z.array(z.object({ name: z.string(), ours: z.boolean(), whole: z.boolean() })),
});
/** An account and a role, as far as they are there, and who made the one a member of the other. */
export type FoundMembership = z.infer<typeof found>;

/**
 * Looks up an account, a role, and the direct membership of the one in the other. `whole`: with both INHERIT and SET,
 * which from 16 on each grant has for itself.
 */
export async function lookUpMembership(
  session: Session,
  major: number,
  { account, role }: { account: RoleRef; role: RoleRef },
): Promise<FoundMembership> {
  const whole = major >= 16 ? "m.inherit_option and m.set_option" : "true";
  const [row] = await session.ask(
    `
    select account.name as account, account.superuser, role.name as on,
      coalesce((select jsonb_agg(jsonb_build_object('name', coalesce(g.rolname::text, m.grantor::text),
          'ours', coalesce(g.rolname = current_user, false), 'whole', ${whole}) order by g.rolname)
        from pg_auth_members m left join pg_roles g on g.oid = m.grantor
        where m.member = account.oid and m.roleid = role.oid), '[]') as grantors
    from (select 1) one
      left join (select oid, rolname::text as name, rolsuper as superuser from pg_roles where oid = ${roleOid("$1", "$2")}) account on true
      left join (select oid, rolname::text as name from pg_roles where oid = ${roleOid("$3", "$4")}) role on true`,
    [account.name, account.oid, role.name, role.oid],
    found,
  );
  if (!row) throw new Error("the server did not answer a question that has one row");
  return row;
}
