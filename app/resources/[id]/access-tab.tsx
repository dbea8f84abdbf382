import { IconAlertTriangle } from "@tabler/icons-react";
import Link from "next/link";
import { ShortestPath } from "@/components/access-path";
import { EmptyState } from "@/components/empty-state";
import { HiddenByRole } from "@/components/hidden-by-role";
import { KindIcon, type ShownKind } from "@/components/kind-icon";
import { LastUse } from "@/components/last-use";
import { Name } from "@/components/name";
import { Privilege } from "@/components/privilege";
import { Reasons } from "@/components/reasons";
import { RefusalNote } from "@/components/refusal-note";
import { listResourceAccess } from "@/lib/access/resource-access-queries";
import type { ResourceAccessEntry } from "@/lib/access/schema";
import { requireActor } from "@/lib/auth/current-actor";
import { attempt } from "../../attempt";
import { momentOf } from "../../moment";
import css from "./resource.module.css";
import { hrefOf, type Search } from "./search";

/** Who can reach this resource: each permission of each account, whatever gives it. */
export async function AccessTab({ id, search }: { id: string; search: Search }) {
  const at = momentOf(search.at);
  const { permission, cursor } = search;
  const read = await attempt(async () =>
    listResourceAccess(await requireActor(), { resourceId: id, permission, cursor, paths: 1, ...(at ? { at } : {}) }),
  );
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const { items, nextCursor, hidden } = read.value;
  if (items.length === 0) return <Nobody search={search} id={id} hidden={hidden.count} />;
  return (
    <section className={css.panel} aria-label="Who can reach it">
      {permission ? (
        <p className={css.narrowed}>
          Only <b className="mono">{permission}</b>.{" "}
          <Link href={hrefOf(id, search, { permission: undefined })}>All permissions</Link>
        </p>
      ) : null}
      <div className={css.wide}>
        <table className={css.table}>
          <thead>
            <tr>
              {["Identity", "Permission", "Privilege", "Path", "Last use", "Stands because"].map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {items.map((entry) => (
              <Row key={entry.key} entry={entry} id={id} search={search} />
            ))}
          </tbody>
        </table>
      </div>
      <HiddenByRole count={hidden.count} noun={{ one: "account", many: "accounts" }} />
      {cursor || nextCursor ? (
        <nav className={css.paging} aria-label="Pages">
          {cursor ? <Link href={hrefOf(id, search)}>First page</Link> : null}
          {nextCursor ? <Link href={hrefOf(id, search, { cursor: nextCursor })}>Next page</Link> : null}
        </nav>
      ) : null}
    </section>
  );
}

function Row({ entry, id, search }: { entry: ResourceAccessEntry; id: string; search: Search }) {
  const { identity, account } = entry;
  return (
    <tr>
      <td>
        {identity ? (
          <Link href={`/identities/${identity.id}`} prefetch={false} className={css.who}>
            <KindIcon kind={identity.kind as ShownKind} /> <Name value={identity.name} strong />
          </Link>
        ) : (
          <span className={css.who}>
            <KindIcon kind="unmatched" /> <Name value={account.name} mono />
          </span>
        )}
      </td>
      <td>
        <Link href={hrefOf(id, search, { permission: entry.permission })} prefetch={false} className={css.permission}>
          <Name value={entry.permission} mono strong />
        </Link>
        {entry.condition ? (
          <span className={css.condition} data-tip={entry.condition}>
            <IconAlertTriangle size={13} stroke={1.7} aria-hidden /> only if <bdi>{entry.condition}</bdi>
          </span>
        ) : null}
      </td>
      <td>
        <Privilege level={entry.privilege} />
      </td>
      <td>
        <ShortestPath entry={entry} />
      </td>
      <td>
        <LastUse use={entry.lastUse} />
      </td>
      <td>
        <Reasons reasons={entry.justifications} />
      </td>
    </tr>
  );
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
