import type { Actor } from "../auth/actor";
import type { GrantRow } from "../grants/grant-rows";
import { grantList } from "../grants/labels";
import { listGrants } from "../grants/queries";
import { emptyState } from "../lists/schema";
import { requestList } from "./labels";
import { listRequests, type RequestRow } from "./queries";

/** What is the actor's own of access now: what they hold for a time, and what they asked for. */
export type OwnAccess = { grants: GrantRow[]; requests: RequestRow[] };

const shown = 5;
const mine = { field: "mine", not: false, values: ["true"] };

/** The few that end next, and the newest that are open. */
export async function getOwnAccess(actor: Actor): Promise<OwnAccess> {
  const [grants, requests] = await Promise.all([
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
  return { grants: grants.items, requests: requests.items };
}
