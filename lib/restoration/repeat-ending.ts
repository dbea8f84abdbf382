import { removeDestination } from "../audit/change-destination";
import { endingFacts } from "../audit/journal-schema";
import type { EndingKind } from "../audit/schema";
import type { Actor } from "../auth/actor";
import { disableAgain } from "../auth/disable-person";
import { removePasskey } from "../auth/remove-passkey";
import { revokeApiToken } from "../auth/revoke-api-token";
import { takeRolesAgain } from "../auth/set-roles";
import { removeConnection } from "../connections/remove-connection";
import { db, transaction } from "../db/client";
import { endGrant } from "../grants/end-grant";
import { endReasons } from "../grants/states";
import { removeChannel } from "../messages/edit-channel";
import { cancelRequest } from "../requests/cancel-request";
import { endDelegation } from "../requests/delegate-approvals";
import { alreadySo, type Forgotten, type Repeated, type Repeating, taken, unknownHere, wordsOf } from "./forgotten";
import { remedyOf } from "./labels";
import { repeatLeaving } from "./repeat-leaving";

/**
 * Carries out an ending again, by the product's own command for it: with its event, its jobs and its receipt. What is so
 * already stays as it is, so that it may run twice.
 * @throws AppError when the command refuses
 */
export async function repeatEnding(actor: Actor, ending: Forgotten): Promise<Repeated> {
  const facts = endingFacts.parse({ ...(ending.facts as object), kind: ending.kind, id: ending.thingId });
  return repeats[facts.kind](actor, { ...facts, words: wordsOf(ending), action: ending.action });
}

type Repeat = (actor: Actor, ending: Repeating) => Promise<Repeated>;

const repeats: Record<EndingKind, Repeat> = {
  person: async (actor, { id, words }) => {
    const user = await db().user.findUnique({ where: { id }, select: { disabledAt: true } });
    if (!user) return unknownHere;
    if (user.disabledAt) return alreadySo;
    await disableAgain(actor, { userId: id, because: words });
    return taken;
  },
  roles: async (actor, { id, roles = [], setHere = false, words }) => {
    if (!(await db().user.findUnique({ where: { id }, select: { id: true } }))) return unknownHere;
    return (await takeRolesAgain(actor, { userId: id, stay: roles, setHere, because: words })) ? taken : alreadySo;
  },
  token: async (actor, { id }) => {
    const token = await db().apiToken.findUnique({ where: { id }, select: { revokedAt: true } });
    if (!token) return unknownHere;
    if (token.revokedAt) return alreadySo;
    await revokeApiToken(actor, { id });
    return taken;
  },
  passkey: async (actor, { id }) => {
    if (!(await db().passkey.findUnique({ where: { id }, select: { id: true } }))) return unknownHere;
    await removePasskey(actor, { id });
    return taken;
  },
  leaving: repeatLeaving,
  grant: repeatGrant,
  request: async (actor, { id, words }) => {
    const request = await db().request.findUnique({ where: { id }, select: { state: true } });
    if (!request) return unknownHere;
    if (!["pending", "approved", "failed"].includes(request.state)) return alreadySo;
    await cancelRequest(actor, { id, reason: words });
    return taken;
  },
  delegation: async (actor, { id }) => {
    const delegation = await db().delegation.findUnique({ where: { id }, select: { endedAt: true } });
    if (!delegation) return unknownHere;
    if (delegation.endedAt) return alreadySo;
    await endDelegation(actor, { id });
    return taken;
  },
  connection: async (actor, { id }) => {
    const connection = await db().connection.findUnique({ where: { id }, select: { name: true, removedAt: true } });
    if (!connection) return unknownHere;
    if (connection.removedAt) return alreadySo;
    await removeConnection(actor, { id, confirmName: connection.name });
    return taken;
  },
  channel: async (actor, { id }) => {
    const channel = await db().channel.findUnique({ where: { id }, select: { removedAt: true } });
    if (!channel) return unknownHere;
    if (channel.removedAt) return alreadySo;
    await removeChannel(actor, { id });
    return taken;
  },
  destination: async (actor, { id }) => {
    const destination = await db().auditDestination.findUnique({ where: { id }, select: { removedAt: true } });
    if (!destination) return unknownHere;
    if (destination.removedAt) return alreadySo;
    await removeDestination(actor, { id });
    return taken;
  },
  by_hand: async (_, { action }) => ({ state: "by_hand", detail: remedyOf(action) }),
};

async function repeatGrant(actor: Actor, { id, because, words }: Repeating): Promise<Repeated> {
  const reason = endReasons.find((one) => one === because) ?? "revoked";
  return transaction(async (tx) => {
    const before = await tx.grant.findUnique({ where: { id }, select: { state: true } });
    if (!before) return unknownHere;
    if (["ending", "ending_failed", "ended"].includes(before.state)) return alreadySo;
    await endGrant(tx, actor, id, { because: reason, words });
    return taken;
  });
}
