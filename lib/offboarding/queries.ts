import { z } from "zod";
import { identityOf } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { authorizeReach, reachOf } from "../auth/authorize";
import type { IdentityKind } from "../connectors/schema";
import { rows } from "../db/client";
import { type ProvisionError, provisionError } from "../grants/schema";
import { assertMayDecide } from "./cancel-offboarding";
import { isGoneSql } from "./gone-steps";
import { isOpenSql } from "./open-items";
import { isOwnRunSql } from "./own-runs";
import { type RehireRow, readRehires, rehireOpenSql } from "./rehire-queries";
import {
  type Consumer,
  consumerShape,
  type Disposition,
  type ItemKind,
  type Moved,
  movedShape,
  type Outlives,
  outlivesShape,
  type RunKind,
  runIdOf,
  type StepKind,
  type Tombstone,
  tombstoneShape,
} from "./schema";
import { isBuried, type OffboardingState, type StepState } from "./states";

/** A run in a list. */
export type OffboardingRow = {
  id: string;
  number: number;
  state: OffboardingState;
  kind: RunKind;
  identity: { id: string; name: string; kind: IdentityKind };
  reason: string;
  orderedBy: string;
  cause: string;
  createdAt: Date;
  startsAt: Date;
  shutAt: Date;
  containBy: Date | null;
  containedAt: Date | null;
  completeBy: Date | null;
  completedAt: Date | null;
  closedAt: Date | null;
  cancelledAt: Date | null;
  because: string | null;
  steps: number;
  gone: number;
  troubled: number;
  openItems: number;
  /** Does a source show them as active again, and nobody has said yet whether they were hired again? */
  hiredAgain: boolean;
};

export type OffboardingStepRow = {
  id: string;
  kind: StepKind;
  state: StepState;
  name: string;
  contains: boolean;
  /** To be given back: the run was undone. */
  back: boolean;
  connection: { id: string; name: string } | null;
  orderedAt: Date | null;
  acknowledgedAt: Date | null;
  verifiedAt: Date | null;
  /** When its account was last asked, and what became of a sign-in that must fail. */
  probedAt: Date | null;
  signIn: "refused" | "not_tried" | null;
  notBefore: Date | null;
  detail: string;
  outlives: Outlives;
  attempts: number;
  nextTryAt: Date | null;
  lastError: ProvisionError | null;
  words: string | null;
  wordsBy: string | null;
  keptUntil: Date | null;
  /** The event of the record that tells how it ended, and its number; null: not yet, or told with its account. */
  event: { id: string; number: number } | null;
};

export type OffboardingItemRow = {
  id: string;
  kind: ItemKind;
  subjectId: string;
  name: string;
  detail: string;
  suggested: Disposition | null;
  suggestedTo: { id: string; name: string } | null;
  evidence: string;
  disposition: Disposition | null;
  to: { id: string; name: string } | null;
  words: string | null;
  keepUntil: Date | null;
  decidedBy: string | null;
  decidedAt: Date | null;
  open: boolean;
};

/** One run with every step, what is left behind, and what this reader may do. */
export type OffboardingDetail = OffboardingRow & {
  emergency: boolean;
  holdDays: number | null;
  begunAt: Date | null;
  consumers: Consumer[];
  tombstone: Tombstone | null;
  /** Of a mover: from whom and where, to whom and where. */
  moved: Moved | null;
  stepList: OffboardingStepRow[];
  items: OffboardingItemRow[];
  rehires: RehireRow[];
  may: { cancel: boolean; rehire: boolean; decide: boolean; release: boolean };
};

export const listOffboardingsInput = z.strictObject({
  open: z.boolean().default(false),
  identity: z.uuid().nullable().default(null),
  /** The number that people call a run by: 12 of O-12. */
  number: z.number().int().min(1).nullable().default(null),
  cursor: z.uuid().nullable().default(null),
  limit: z.number().int().min(1).max(500).default(100),
});

/** SQL: a run with its counts. */
export const rowSql = `select o.id, o.number::int as number, o.state, o.kind,
    jsonb_build_object('id', i.id, 'name', i.name, 'kind', i.kind) as identity, o.reason, o.ordered_by as "orderedBy", o.cause,
    o.created_at as "createdAt", o.starts_at as "startsAt", o.shut_at as "shutAt", o.contain_by as "containBy",
    o.contained_at as "containedAt", o.complete_by as "completeBy", o.completed_at as "completedAt", o.closed_at as "closedAt",
    o.cancelled_at as "cancelledAt", o.because, s.steps, s.gone, s.troubled,
    (select count(*)::int from offboarding_items i where i.offboarding_id = o.id and ${isOpenSql}) as "openItems",
    o.state <> 'cancelled' and ${rehireOpenSql} as "hiredAgain"
  from offboardings o join identities i on i.id = o.identity_id
  cross join lateral (select count(*)::int as steps,
      count(*) filter (where ${isGoneSql})::int as gone,
      count(*) filter (where s.state in ('failed', 'needs_person', 'resurrected'))::int as troubled
    from offboarding_steps s where s.offboarding_id = o.id and s.kind <> 'deletion') s`;

/** Runs, newest first: all of them, or those of one's own people and machines. @throws AppError `forbidden` */
export async function listOffboardings(
  actor: Actor,
  input: z.input<typeof listOffboardingsInput> = {},
): Promise<{ items: OffboardingRow[]; nextCursor: string | null }> {
  const { open, identity, number, cursor, limit } = listOffboardingsInput.parse(input);
  const reach = await authorizeReach(actor, "offboarding:read");
  const mine = identityOf(actor);
  const items = await rows<OffboardingRow>(
    `${rowSql} where ($1::uuid is null or o.id < $1) and ($2::uuid is null or o.identity_id = $2)
      and (not $3 or o.state not in ('closed', 'cancelled'))
      and ($4 or ${isOwnRunSql("$5")})
      and ($7::bigint is null or o.number = $7)
     order by o.id desc limit $6`,
    [cursor, identity, open, reach === "all", mine, limit + 1, number],
  );
  const page = items.slice(0, limit);
  return { items: page, nextCursor: items.length > limit ? (page.at(-1)?.id ?? null) : null };
}

/** One run. @throws AppError `forbidden`, `not_found` */
export async function getOffboarding(actor: Actor, input: { id: string }): Promise<OffboardingDetail> {
  const id = runIdOf(input);
  await assertMayDecide(actor, "offboarding:read", id);
  const [[row], steps, items, [more], rehires] = await Promise.all([
    rows<OffboardingRow>(`${rowSql} where o.id = $1`, [id]),
    rows<OffboardingStepRow>(stepsSql, [id]),
    rows<OffboardingItemRow>(itemsSql, [id]),
    rows<More>(moreSql, [id]),
    readRehires(id),
  ]);
  if (!row || !more) throw new Error("a run went while it was read");
  const { consumers, tombstone, moved, ...facts } = more;
  const parse = (step: OffboardingStepRow) => ({
    ...step,
    outlives: outlivesShape.parse(step.outlives),
    lastError: step.lastError === null ? null : provisionError.parse(step.lastError),
  });
  return {
    ...row,
    ...facts,
    consumers: z.array(consumerShape).parse(consumers),
    tombstone: tombstone === null ? null : tombstoneShape.parse(tombstone),
    moved: moved === null ? null : movedShape.parse(moved),
    stepList: steps.map(parse),
    items,
    rehires,
    may: mayOf(actor, { ...row, begunAt: more.begunAt }, steps),
  };
}

type More = {
  emergency: boolean;
  holdDays: number | null;
  begunAt: Date | null;
  consumers: unknown;
  tombstone: unknown;
  moved: unknown;
};

const moreSql = `select emergency, hold_days as "holdDays", begun_at as "begunAt", consumers, tombstone, moved from offboardings where id = $1`;

const stepsSql = `select s.id, s.kind, s.state, s.name, s.contains, s.wanted = 'back' as back,
    case when c.id is null then null else jsonb_build_object('id', c.id, 'name', c.name) end as connection,
    s.ordered_at as "orderedAt", s.acknowledged_at as "acknowledgedAt", s.verified_at as "verifiedAt",
    s.probed_at as "probedAt", s.sign_in as "signIn", s.not_before as "notBefore",
    s.detail, s.outlives, s.attempts, s.next_try_at as "nextTryAt", s.last_error as "lastError", s.words, s.words_by as "wordsBy",
    s.kept_until as "keptUntil", e.event
  from offboarding_steps s left join connections c on c.id = s.connection_id
  left join (select distinct on (e.details ->> 'stepId') e.details ->> 'stepId' as step,
      jsonb_build_object('id', e.id, 'number', q.position) as event
    from audit_events e join audit_sequence q on q.event_id = e.id
    where e.target_type = 'offboarding' and e.target_id = $1::text and e.details ? 'stepId'
    order by e.details ->> 'stepId', q.position desc) e on e.step = s.id::text
  where s.offboarding_id = $1::uuid order by s.position`;

const itemsSql = `select i.id, i.kind, i.subject_id as "subjectId", i.name, i.detail, i.suggested, i.evidence, i.disposition, i.words,
    case when h.id is null then null else jsonb_build_object('id', h.id, 'name', h.name) end as "suggestedTo",
    case when t.id is null then null else jsonb_build_object('id', t.id, 'name', t.name) end as "to",
    i.keep_until as "keepUntil", i.decided_by as "decidedBy", i.decided_at as "decidedAt", ${isOpenSql} as open
  from offboarding_items i left join identities h on h.id = i.suggested_id left join identities t on t.id = i.to_id
  where i.offboarding_id = $1 order by i.kind, i.name, i.id`;

// Who reads a run as one of their own may also decide on it: both reach as far.
function mayOf(
  actor: Actor,
  { state, kind, begunAt }: OffboardingRow & { begunAt: Date | null },
  steps: readonly OffboardingStepRow[],
): OffboardingDetail["may"] {
  const isLive = state !== "cancelled";
  const deletions = (of: StepState) => steps.filter((step) => step.kind === "deletion" && step.state === of).length;
  const counted = { deleted: deletions("verified"), toDelete: deletions("planned") };
  const isStuck = ({ back, state: of }: OffboardingStepRow) => back && (of === "needs_person" || of === "failed");
  const isOpen = state === "cancelled" ? steps.some(isStuck) : state !== "closed";
  const mayUndo = isLive && reachOf(actor, "offboarding:cancel") !== "none";
  return {
    cancel: mayUndo && !isBuried({ kind, state }, { ...counted, why: "false_alarm" }),
    rehire: mayUndo && kind === "person" && begunAt !== null,
    decide: isOpen && reachOf(actor, "offboarding:decide") !== "none",
    release: state === "paused_by_brake" && reachOf(actor, "offboarding:release") === "all",
  };
}
