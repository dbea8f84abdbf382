import { z } from "zod";
import type { Actor } from "../auth/actor";
import { authorizeReach } from "../auth/authorize";
import { rows } from "../db/client";
import { mayEnd } from "./may-end";

export const previewRevokeInput = z.strictObject({ ids: z.array(z.uuid()).min(1).max(500) });

/** What would go if these grants ended now. */
export type RevokePreview = {
  ends: number;
  /** Another live justification keeps the access: the grant ends and nothing is taken. */
  kept: number;
  /** Short-lived accounts that are withdrawn. */
  accounts: number;
  systems: string[];
  holders: number;
  privilege: number;
  /** Over already, or not the actor's to end. */
  left: number;
};

/** What would go, counted; changes nothing. @throws AppError `forbidden` */
export async function previewRevoke(
  actor: Actor,
  { ids }: z.output<typeof previewRevokeInput>,
): Promise<RevokePreview> {
  const reach = await authorizeReach(actor, "grant:revoke", { type: "grant" });
  const own = reach === "all" ? ids : await ownOf(actor, ids);
  const [row] = await rows<Omit<RevokePreview, "left">>(
    `select count(*)::int as ends, count(*) filter (where kept)::int as kept, count(*) filter (where give = 'credential')::int as accounts,
       coalesce(array_agg(distinct system), '{}') as systems, count(distinct subject_id)::int as holders,
       coalesce(max(privilege), 0)::int as privilege
     from (select g.give, g.subject_id, g.privilege, c.name as system, g.give = 'assignment' and exists (
         select 1 from justifications j where j.account_id = g.account_id and j.ended_at is null and j.grant_id is distinct from g.id
           and not (j.grant_id = any($1::uuid[])) and (j.group_id = g.group_id or j.entitlement_id = g.entitlement_id)) as kept
       from grants g join connections c on c.id = g.connection_id
       where g.id = any($1::uuid[]) and g.state in ('scheduled', 'activating', 'active', 'activation_failed', 'resurrected')) going`,
    [own],
  );
  const going = row ?? { ends: 0, kept: 0, accounts: 0, systems: [], holders: 0, privilege: 0 };
  return { ...going, left: ids.length - going.ends };
}

async function ownOf(actor: Actor, ids: readonly string[]): Promise<string[]> {
  const own: string[] = [];
  for (const id of ids) if (await mayEnd(actor, id)) own.push(id);
  return own;
}
