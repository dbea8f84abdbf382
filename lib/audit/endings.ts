import { z } from "zod";
import { type EndingFacts, endingFacts } from "./journal-schema";

/** What the record tells of one event, as far as an ending is made of it. */
export type EndingEvent = { action: string; targetId: string | null; details: unknown; why: unknown };

/**
 * What an event takes back, or gives again after it was taken back; null where it does neither. Ids, times and fixed words
 * alone: no name and no text that somebody wrote.
 */
export function endingOf(event: EndingEvent): EndingFacts | null {
  const read = actions[event.action as keyof typeof actions];
  if (!read) return null;
  const told = details.parse(event.details ?? {});
  const facts = endingFacts.safeParse(read({ id: event.targetId, told, why: why.parse(event.why ?? {}) }));
  return facts.success ? facts.data : null;
}

// What was erased, or was written by an older version, tells less: then there is no line, or one that says less.
const details = z.object({
  kind: z.string().optional().catch(undefined),
  because: z.string().optional().catch(undefined),
  identityId: z.string().optional().catch(undefined),
  subjectId: z.string().optional().catch(undefined),
  disposition: z.string().optional().catch(undefined),
  delegationId: z.string().optional().catch(undefined),
  startsAt: z.string().optional().catch(undefined),
  shutAt: z.string().optional().catch(undefined),
  holdDays: z.number().nullable().optional().catch(undefined),
  to: z.array(z.string()).optional().catch(undefined),
});
const why = z.object({ because: z.string().optional().catch(undefined) });

type Told = { id: string | null; told: z.infer<typeof details>; why: z.infer<typeof why> };
type Read = (event: Told) => unknown;

const over =
  (kind: string): Read =>
  ({ id }) => ({ kind, id, over: true });
const again =
  (kind: string): Read =>
  ({ id }) => ({ kind, id, over: false });
const byHand: Read = ({ id }) => ({ kind: "by_hand", id: id ?? "", over: true });
const grant: Read = ({ id, told: { because } }) => ({ kind: "grant", id, over: true, because });
const requestOver = over("request");

// A move takes what its grants' own events tell of; whoever reads the source again finds the move again.
const leaving: Read = ({ id, told: { kind, identityId, startsAt, shutAt, holdDays = null } }) =>
  kind === "mover" ? null : { kind: "leaving", id: identityId, over: true, run: id, startsAt, shutAt, holdDays };
const stays: Read = ({ id, told: { kind, identityId } }) =>
  kind === "mover" ? null : { kind: "leaving", id: identityId, over: false, run: id };

// What a leaver left behind has events of its own but for these, which end with the decision on them.
const ofLeaver: Read = ({ told: { kind, disposition, subjectId } }) =>
  (kind === "token" && disposition === "revoke") || kind === "delegation" ? { kind, id: subjectId, over: true } : null;

/**
 * Every action that the record knows, by what it means for a database that is older than it: a test holds this table
 * against the sources. docs/decisions/014 says why.
 */
export const actions = {
  // Access that was given for a time.
  "grant.end_ordered": grant,
  "grant.ended": grant,
  // Whoever left, and whose leaving was undone.
  "offboarding.ordered": leaving,
  "offboarding.released": leaving,
  "offboarding.begun": leaving,
  "offboarding.cancelled": stays,
  "offboarding.disposed": ofLeaver,
  // Ways into Rollcall itself. Sessions have no lines: an older database loses all of them.
  "person.disabled": over("person"),
  "person.enabled": again("person"),
  "person.roles_changed": ({ id, told: { to }, why: { because } }) => {
    return { kind: "roles", id, over: true, roles: to, setHere: because === "set here" };
  },
  "token.revoked": over("token"),
  "passkey.removed": over("passkey"),
  // What somebody asked for, and who decides.
  "request.denied": requestOver,
  "request.cancelled": requestOver,
  "request.expired": requestOver,
  "request.withdrawn": requestOver,
  "delegation.ended": ({ told: { delegationId } }) => ({ kind: "delegation", id: delegationId, over: true }),
  // Places with secrets, which an older database would call again.
  "connection.removed": over("connection"),
  "channel.removed": over("channel"),
  "record_destination.removed": over("destination"),
  // What only a person can do again: the older database does not know what was typed, or has the key that was thrown away.
  "connection.edited": byHand,
  "channel.edited": byHand,
  "channel.secret_rotated": byHand,
  "channel.turned_off": byHand,
  "match_rule.deleted": byHand,
  "record.erased": byHand,
  "record.key_rotated": byHand,
  // What gives, tells or fails takes nothing back.
  "account.matched": null,
  "break_glass.opinion_given": null,
  "break_glass.reviewed": null,
  "channel.created": null,
  "channel.tested": null,
  "connection.alerted": null,
  "connection.created": null,
  "delegation.created": null,
  "delivery.failed": null,
  "delivery.given_up": null,
  "delivery.retried": null,
  "demo.filled": null,
  "grant.activated": null,
  "grant.activation_failed": null,
  "grant.asked_to_confirm": null,
  "grant.began": null,
  "grant.came_back": null,
  "grant.confirmed": null,
  "grant.delivered": null,
  "grant.ending_failed": null,
  "grant.extended": null,
  "grant.ordered": null,
  "grant.retried": null,
  "grant.taken_away": null,
  "hand_task.asked": null,
  "hand_task.completed": null,
  "identity.edited": null,
  "inventory.exported": null,
  "link.open": null,
  "match_rule.saved": null,
  "message.chosen": null,
  "offboarding.came_back": null,
  "offboarding.closed": null,
  "offboarding.completed": null,
  "offboarding.contained": null,
  "offboarding.late": null,
  "offboarding.moved_on": null,
  "offboarding.paused": null,
  "offboarding.receipt_taken": null,
  "offboarding.reminded": null,
  "offboarding.rehire_dismissed": null,
  "offboarding.rehire_proposed": null,
  "offboarding.rehire_withdrawn": null,
  "offboarding.step_decided": null,
  "offboarding.step_failed": null,
  "offboarding.step_needs_person": null,
  "offboarding.step_restored": null,
  "offboarding.step_verified": null,
  "passkey.added": null,
  "passkey.renamed": null,
  "person.created": null,
  "person.linked": null,
  "policies.loaded": null,
  "policies.refused": null,
  "record.exported": null,
  "record.restored": null,
  "record.restoration_seen": null,
  "record.restoration_settled": null,
  "record.ending_not_repeated": null,
  "record_destination.created": null,
  "record_destination.failing": null,
  "record_destination.paused": null,
  "record_destination.recovered": null,
  "record_destination.resumed": null,
  "record_destination.tested": null,
  "request.answered": null,
  "request.approved": null,
  "request.asked_back": null,
  "request.broke_glass": null,
  "request.escalated": null,
  "request.failed": null,
  "request.fulfilled": null,
  "request.reminded": null,
  "request.retried": null,
  "request.step_approved": null,
  "request.submitted": null,
  "resource.edited": null,
  "session.ended": null,
  "session.refused": null,
  "session.started": null,
  "sign_in_link.created": null,
  "sync.applied": null,
  "sync.discarded": null,
  "sync.failed": null,
  "sync.finished": null,
  "sync.paused": null,
  "sync.requested": null,
  "token.created": null,
  "token.refused": null,
  "usage.recorded": null,
  "view.removed": null,
  "view.saved": null,
} as const satisfies Record<string, Read | null>;

/** The actions of which the journal has lines. */
export const endingActions: readonly string[] = Object.entries(actions).flatMap(([action, read]) =>
  read ? [action] : [],
);
