import { RefusalNote } from "@/components/refusal-note";
import { listIdentityAccess } from "@/lib/access/identity-access-queries";
import { mostSorted, sortedPage } from "@/lib/access/sort-access";
import { requireActor } from "@/lib/auth/current-actor";
import { getIdentity } from "@/lib/inventory/identity-queries";
import { attempt } from "../../attempt";
import { momentOf } from "../../moment";
import { AccessView } from "./access-view";
import type { Search } from "./search";

/** What this identity can reach: the table is read with the page, the picture after it. */
export async function AccessTab({ id, search }: { id: string; search: Search }) {
  const actor = await requireActor();
  const at = momentOf(search.at);
  const { connection, permission, resource, cursor, sort } = search;
  const read = await attempt(() =>
    Promise.all([
      listIdentityAccess(actor, {
        identityId: id,
        connection,
        permission,
        resource,
        ...(sort ? { limit: mostSorted } : { cursor }),
        paths: 1,
        ...(at ? { at } : {}),
      }),
      getIdentity(actor, { id }),
    ]),
  );
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const [found, identity] = read.value;
  const page = sort ? sortedPage(found.items, { sort, after: Number(cursor) || 0, limit: 50 }) : found;
  return (
    <AccessView
      id={id}
      page={page}
      isCut={sort !== undefined && found.nextCursor !== null}
      search={search}
      accountCount={identity.accountCount}
    />
  );
}
