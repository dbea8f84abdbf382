import Link from "next/link";
import { accessCells, accessColumns, Condition } from "@/components/access-cells";
import { EmptyState } from "@/components/empty-state";
import { HiddenByRole } from "@/components/hidden-by-role";
import { KindIcon, type ShownKind } from "@/components/kind-icon";
import { Name } from "@/components/name";
import type { PlainRow } from "@/components/plain-table";
import { RefusalNote } from "@/components/refusal-note";
import { TablePanel } from "@/components/table-panel";
import { listResourceAccess } from "@/lib/access/resource-access-queries";
import type { ResourceAccessEntry } from "@/lib/access/schema";
import { mostSorted, sortedPage } from "@/lib/access/sort-access";
import { requireActor } from "@/lib/auth/current-actor";
import { attempt } from "../../attempt";
import { momentOf } from "../../moment";
import css from "./resource.module.css";
import { hrefOf, type Search } from "./search";

/** Who can reach this resource: each permission of each account, whatever gives it. */
export async function AccessTab({ id, search }: { id: string; search: Search }) {
  const at = momentOf(search.at);
  const { permission, cursor, sort } = search;
  const read = await attempt(async () =>
    listResourceAccess(await requireActor(), {
      resourceId: id,
      permission,
      ...(sort ? { limit: mostSorted } : { cursor }),
      paths: 1,
      ...(at ? { at } : {}),
    }),
  );
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const { hidden, ...found } = read.value;
  const page = sort ? sortedPage(found.items, { sort, after: Number(cursor) || 0, limit: 50 }) : found;
  if (page.items.length === 0) return <Nobody search={search} id={id} hidden={hidden.count} />;
  return (
    <TablePanel
      label="Who can reach it"
      columns={accessColumns(["identity", "permission"], {
        by: sort,
        href: (next) => hrefOf(id, search, { sort: next }),
      })}
      rows={page.items.map((entry) => rowOf(entry, id, search))}
      before={
        permission ? (
          <p className={css.narrowed}>
            Only <b className="mono">{permission}</b>.{" "}
            <Link href={hrefOf(id, search, { permission: undefined })}>All permissions</Link>
          </p>
        ) : null
      }
      after={
        <>
          {sort && found.nextCursor ? (
            <p className={css.narrowed}>In order are the first {mostSorted.toLocaleString("en-GB")}.</p>
          ) : null}
          <HiddenByRole count={hidden.count} noun={{ one: "account", many: "accounts" }} />
        </>
      }
      ways={[
        cursor ? { label: "First page", href: hrefOf(id, search) } : null,
        page.nextCursor ? { label: "Next page", href: hrefOf(id, search, { cursor: page.nextCursor }) } : null,
      ]}
    />
  );
}

function rowOf(entry: ResourceAccessEntry, id: string, search: Search): PlainRow {
  const { identity, account } = entry;
  return {
    key: entry.key,
    cells: {
      ...accessCells(entry),
      identity: identity ? (
        <Link href={`/identities/${identity.id}`} prefetch={false} className={css.who}>
          <KindIcon kind={identity.kind as ShownKind} /> <Name value={identity.name} strong />
        </Link>
      ) : (
        <span className={css.who}>
          <KindIcon kind="unmatched" /> <Name value={account.name} mono />
        </span>
      ),
      permission: (
        <span className={css.two}>
          <Link href={hrefOf(id, search, { permission: entry.permission })} prefetch={false} className={css.permission}>
            <Name value={entry.permission} mono strong />
          </Link>
          <Condition text={entry.condition} />
        </span>
      ),
    },
  };
}

function Nobody({ search, id, hidden }: { search: Search; id: string; hidden: number }) {
  return (
    <EmptyState
      title={search.at ? "Nobody could reach it then" : "Nobody that you may see can reach it"}
      actions={
        search.permission ? (
          <Link href={hrefOf(id, search, { permission: undefined })}>All permissions</Link>
        ) : undefined
      }
    >
      In the system as it was last read, no account holds a permission on it, directly, through a group, or by a
      pattern.
      <HiddenByRole count={hidden} noun={{ one: "account", many: "accounts" }} />
    </EmptyState>
  );
}
