import { identityOf } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { authorizeReach } from "../auth/authorize";
import { rows } from "../db/client";
import type { ItemKind } from "./schema";

/** What was handed to somebody when another left: it stands on their desk for 30 days. */
export type HandedRow = {
  id: string;
  kind: ItemKind;
  /** The id of the thing itself. */
  subjectId: string;
  name: string;
  detail: string;
  /** Who left. */
  from: string;
  handedBy: string;
  handedAt: Date;
};

/** What the actor was handed in the last 30 days, the newest first. @throws AppError `forbidden` */
export async function listHanded(actor: Actor): Promise<HandedRow[]> {
  await authorizeReach(actor, "offboarding:read");
  const mine = identityOf(actor);
  if (mine === null) return [];
  return rows<HandedRow>(
    `select i.id, i.kind, i.subject_id as "subjectId", i.name, i.detail, l.name as "from", i.decided_by as "handedBy",
       i.decided_at as "handedAt"
     from offboarding_items i join offboardings o on o.id = i.offboarding_id join identities l on l.id = o.identity_id
     where i.to_id = $1::uuid and i.disposition = 'hand_over' and i.decided_at > clock_timestamp() - interval '30 days'
     order by i.decided_at desc, i.id limit 200`,
    [mine],
  );
}
