import { readIn, type Tx, transaction } from "../db/client";
import { findConflicts } from "../grants/find-conflicts";
import { privilegeLabels } from "../inventory/labels";
import { log } from "../log";
import type { RequestFacts } from "../messages/templates/facts";
import { currentPolicies } from "../policies/current-policies";
import { type Opens, opensOfAll } from "./opens-queries";

const longestMs = 3_000;
const privileged = 3;

type Told = Pick<RequestFacts, "opens" | "conflicts">;

/**
 * What a request that waits would really open, and which duties it would mix: what its page shows whoever decides, for
 * the message that asks them. In a transaction of its own, and given up after three seconds: whoever decides is told in
 * time, also where the graph is slow.
 */
export async function opensToTell(requestId: string): Promise<Told> {
  try {
    const { rules } = await currentPolicies();
    return await transaction(async (tx) => {
      await tx.$executeRawUnsafe(`set local statement_timeout = ${longestMs}`);
      const [request, items] = await Promise.all([
        tx.request.findUniqueOrThrow({ where: { id: requestId }, select: { subjectId: true } }),
        itemsOf(tx, requestId),
      ]);
      const { subjectId } = request;
      const asked = items.map(({ connection, permission, resource }) => ({ connection, permission, resource }));
      const conflicts = await findConflicts(
        rules.conflicts,
        { subjectId, asked, exceptRequestId: requestId },
        readIn(tx),
      );
      const groupIds = items.flatMap(({ groupId }) => (groupId === null ? [] : [groupId]));
      const entitlementIds = items.flatMap(({ entitlementId }) => (entitlementId === null ? [] : [entitlementId]));
      return { opens: told(await opensOfAll(readIn(tx), { groupIds, entitlementIds, subjectId })), conflicts };
    });
  } catch (error) {
    log().warn({ err: error, requestId }, "what a request opens could not be told to whoever decides");
    return { opens: null, conflicts: [] };
  }
}

type Item = {
  connection: string;
  permission: string;
  resource: string;
  groupId: string | null;
  entitlementId: string | null;
};

function itemsOf(tx: Tx, requestId: string): Promise<Item[]> {
  return tx.$queryRaw<Item[]>`
    select c.name as connection, i.permission, i.resource_name as resource, i.group_id as "groupId",
      i.entitlement_id as "entitlementId"
    from request_items i join connections c on c.id = i.connection_id
    where i.request_id = ${requestId}::uuid and i.dropped_at is null order by i.position`;
}

function told({ count, capped, examples, forATime, heldUntil }: Opens): RequestFacts["opens"] {
  const mark = (privilege: number) =>
    privilege >= privileged ? ` (${(privilegeLabels[privilege] ?? "").toLowerCase()})` : "";
  return {
    count,
    capped,
    first: examples.map(({ permission, resource, privilege }) => `${permission} on ${resource}${mark(privilege)}`),
    held: heldUntil === null ? null : { count: forATime, until: new Date(heldUntil) },
  };
}
