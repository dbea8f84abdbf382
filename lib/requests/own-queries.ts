import type { Actor } from "../auth/actor";
import type { GrantRow } from "../grants/grant-rows";
import { grantList } from "../grants/labels";
import { listGrants } from "../grants/queries";
import { emptyState } from "../lists/schema";
import { countInbox } from "./inbox-queries";
import { requestList } from "./labels";
import { listRequests, type RequestRow } from "./queries";

/** What is the actor's own of access now: what they hold for a time, what they asked for, and how much waits for them. */
export type OwnAccess = { waiting: number; grants: GrantRow[]; requests: RequestRow[] };

const shown = 5;
const mine = { field: "mine", not: false, values: ["true"] };

/** The few that end next, the newest that are open, and the count of the actor's desk. */
export async function getOwnAccess(actor: Actor): Promise<OwnAccess> {
  const [inbox, grants, requests] = await Promise.all([
    countInbox(actor),
    listGrants(actor, {
      state: {
        ...emptyState(grantList),
        filters: [mine, { field: "state", not: true, values: ["ended"] }],
        sort: { by: "ends", descending: false },
      },
      limit: shown,
    }),
    listRequests(actor, {
      state: {
        ...emptyState(requestList),
        filters: [mine, { field: "state", not: false, values: ["pending", "approved", "failed"] }],
      },
      limit: shown,
    }),
  ]);
  const { requests: toDecide, reviews, tasks, answers } = inbox;
  return { waiting: toDecide.value + reviews + tasks + answers, grants: grants.items, requests: requests.items };
}
