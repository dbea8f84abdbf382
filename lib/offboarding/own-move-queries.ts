import { identityOf } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { authorizeReach } from "../auth/authorize";
import { rows } from "../db/client";
import { type Moved, movedShape, type StepKind } from "./schema";
import type { StepState } from "./states";

/** What becomes of one access of somebody who moved, as they see it themself. */
export type OwnMoveStep = {
  id: string;
  /** Of an access: account, group and entitlement. */
  edge: string;
  kind: StepKind;
  state: StepState;
  name: string;
  endsAt: Date | null;
  endedAt: Date | null;
  keptUntil: Date | null;
  words: string | null;
  wordsBy: string | null;
};

/** The actor's own move to another manager or team, with what ends by it. */
export type OwnMove = { number: number; moved: Moved; createdAt: Date; held: boolean; steps: OwnMoveStep[] };

const shownAtMost = 200;

/** The actor's own move: the one under way, or one that ended within two weeks; null where there is none. */
export async function getOwnMove(actor: Actor): Promise<OwnMove | null> {
  await authorizeReach(actor, "access:read", { type: "identity", id: identityOf(actor) });
  const [run] = await rows<Omit<OwnMove, "steps" | "moved"> & { id: string; moved: unknown }>(
    `select o.id, o.number::int as number, o.moved, o.created_at as "createdAt", o.state = 'paused_by_brake' as held from offboardings o
     where o.identity_id = $1 and o.kind = 'mover' and o.state <> 'cancelled'
       and coalesce(o.closed_at, clock_timestamp()) > clock_timestamp() - interval '14 days'
     order by o.id desc limit 1`,
    [identityOf(actor)],
  );
  if (!run) return null;
  const steps = await rows<OwnMoveStep>(
    `select s.id, concat_ws(' ', s.account_id, s.group_id, s.entitlement_id) as edge, s.kind, s.state, s.name, s.not_before as "endsAt", s.verified_at as "endedAt", s.kept_until as "keptUntil",
       s.words, s.words_by as "wordsBy"
     from offboarding_steps s where s.offboarding_id = $1 and s.state <> 'dropped' order by s.position limit ${shownAtMost}`,
    [run.id],
  );
  const { id: _, moved, ...facts } = run;
  return { ...facts, moved: movedShape.parse(moved), steps };
}
