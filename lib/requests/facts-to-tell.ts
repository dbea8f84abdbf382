import type { Tx } from "../db/client";
import type { GrantFacts, RequestFacts } from "../messages/templates/facts";
import { secondMs } from "../time";

type What = RequestFacts["what"][number];

/** A request as messages tell of it, or null. */
export async function requestToTell(
  tx: Tx,
  id: string,
): Promise<{
  state: string;
  breakGlass: boolean;
  /** Why it ended without an answer, where it did. */
  because: string | null;
  requesterId: string;
  subjectId: string;
  ownerIds: string[];
  facts: RequestFacts;
} | null> {
  const request = await tx.request.findUnique({ where: { id } });
  if (!request) return null;
  const names = await tx.identity.findMany({
    where: { id: { in: [request.requesterId, request.subjectId] } },
    select: { id: true, name: true },
  });
  const nameOf = (identityId: string) => names.find((it) => it.id === identityId)?.name ?? "somebody";
  const extended = request.extendsGrantId
    ? await tx.grant.findUnique({ where: { id: request.extendsGrantId }, select: { endsAt: true } })
    : null;
  const items = await tx.$queryRaw<(What & { ownerId: string | null })[]>`
    select i.permission || ' on ' || i.resource_name as entitlement, c.name as system, c.environment,
      coalesce(r.owner_id, c.owner_id) as "ownerId"
    from request_items i join connections c on c.id = i.connection_id
    left join entitlements e on e.id = i.entitlement_id left join resources r on r.id = e.resource_id
    where i.request_id = ${id}::uuid and i.dropped_at is null order by i.position`;
  return {
    state: request.state,
    breakGlass: request.breakGlass,
    because: request.because,
    requesterId: request.requesterId,
    subjectId: request.subjectId,
    ownerIds: items.flatMap(({ ownerId }) => (ownerId === null ? [] : [ownerId])),
    facts: {
      id,
      subject: nameOf(request.subjectId),
      requestedBy: nameOf(request.requesterId),
      what: items.map(({ entitlement, system, environment }) => ({ entitlement, system, environment })),
      reason: request.reason,
      ticket: request.ticket,
      durationMs: request.durationSeconds * secondMs,
      startsAt: request.startsAt,
      longerThan: extended?.endsAt ?? null,
      opens: null,
      conflicts: [],
      path: `/requests/${id}`,
    },
  };
}

/** What the answers to a request made of it: how long was asked for before anybody shortened it, the last approver's words, what was left out. */
export async function answersToTell(
  tx: Tx,
  id: string,
): Promise<{ askedSeconds: number | null; deciders: number; comment: string | null; leftOut: What[] }> {
  const [answers] = await tx.$queryRaw<{ askedSeconds: number | null; deciders: number; comment: string | null }[]>`
    select max((facts ->> 'durationSeconds')::int) as "askedSeconds", count(*)::int as deciders,
      nullif((array_agg(comment order by id desc))[1], '') as comment
    from decisions where request_id = ${id}::uuid and decision = 'approve'`;
  const leftOut = await tx.$queryRaw<What[]>`
    select i.permission || ' on ' || i.resource_name as entitlement, c.name as system, c.environment
    from request_items i join connections c on c.id = i.connection_id
    where i.request_id = ${id}::uuid and i.dropped_at is not null order by i.position`;
  return {
    askedSeconds: answers?.askedSeconds ?? null,
    deciders: answers?.deciders ?? 0,
    comment: answers?.comment ?? null,
    leftOut,
  };
}

type GrantToTell = {
  give: string;
  subjectId: string;
  requesterIds: string[];
  ownerIds: string[];
  account: string | null;
  /** Until when its subject has to confirm the beginning; null: it begins by itself. */
  confirmBy: Date | null;
  activatedAt: Date | null;
  endOrderedAt: Date | null;
  endedBecause: "expired" | "revoked" | "subject_left" | "eligibility_lost";
  endedWords: string | null;
  trouble: string | null;
  nextTryAt: Date | null;
  attempts: number;
  facts: GrantFacts;
};

/** A grant as messages tell of it, or null while it has no end. One that waits to be confirmed ends then at the latest. */
export async function grantToTell(tx: Tx, id: string): Promise<GrantToTell | null> {
  const [row] = await tx.$queryRaw<
    (Omit<GrantToTell, "facts" | "requesterIds" | "ownerIds"> &
      What & { requesterId: string | null; ownerId: string | null; subject: string; endsAt: Date | null })[]
  >`select g.give, g.subject_id as "subjectId", r.requester_id as "requesterId", coalesce(rs.owner_id, c.owner_id) as "ownerId",
      p.name as account, g.activated_at as "activatedAt", g.end_ordered_at as "endOrderedAt",
      case when g.ended_because in ('expired', 'revoked', 'subject_left', 'eligibility_lost') then g.ended_because else 'revoked' end as "endedBecause",
      g.ended_words as "endedWords", g.last_error ->> 'message' as trouble, g.next_try_at as "nextTryAt", g.attempts,
      s.name as subject, g.confirm_by as "confirmBy",
      coalesce(g.ends_at, g.confirm_by + make_interval(secs => g.duration_seconds)) as "endsAt", g.permission || ' on ' || g.resource_name as entitlement, c.name as system, c.environment
    from grants g join identities s on s.id = g.subject_id join connections c on c.id = g.connection_id
    left join requests r on r.id = g.request_id left join principals p on p.id = g.account_id
    left join entitlements e on e.id = g.entitlement_id left join resources rs on rs.id = e.resource_id
    where g.id = ${id}::uuid`;
  if (!row?.endsAt) return null;
  const { requesterId, ownerId, subject, endsAt, entitlement, system, environment, ...grant } = row;
  return {
    ...grant,
    requesterIds: requesterId === null ? [] : [requesterId],
    ownerIds: ownerId === null ? [] : [ownerId],
    facts: { id, subject, what: [{ entitlement, system, environment }], endsAt, path: `/grants/${id}` },
  };
}

/** These identities as people to tell. */
export async function peopleById(
  tx: Tx,
  ids: readonly string[],
): Promise<{ identityId: string; email: string | null }[]> {
  const found = await tx.identity.findMany({
    where: { id: { in: [...new Set(ids)] }, kind: "human", removedAt: null },
    select: { id: true, email: true },
  });
  return found.map(({ id, email }) => ({ identityId: id, email }));
}

/** Everybody in security. */
export async function securityPeople(tx: Tx): Promise<{ userId: string }[]> {
  const found = await tx.user.findMany({
    where: { roles: { has: "security" }, disabledAt: null },
    select: { id: true },
    take: 50,
  });
  return found.map(({ id }) => ({ userId: id }));
}
