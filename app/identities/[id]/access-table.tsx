import type { Route } from "next";
import Link from "next/link";
import { ShortestPath } from "@/components/access-path";
import { EmptyState } from "@/components/empty-state";
import { LastUse } from "@/components/last-use";
import { Name } from "@/components/name";
import { Privilege } from "@/components/privilege";
import { Reasons } from "@/components/reasons";
import type { AccessPage, IdentityAccessEntry } from "@/lib/access/schema";
import css from "./identity.module.css";
import { hrefOf, type Search } from "./search";

type Props = {
  id: string;
  page: AccessPage<IdentityAccessEntry>;
  search: Search;
  chosen: string | null;
  choose: (key: string) => void;
  accountCount: number;
};

/** Access as a table: the same as the picture, complete, a page at a time. */
export function AccessTable({ id, page, search, chosen, choose, accountCount }: Props) {
  if (page.items.length === 0) return <NoAccess id={id} search={search} accountCount={accountCount} />;
  return (
    <section className={css.panel} aria-label="Access as a table">
      <div className={css.wide}>
        <table className={css.table}>
          <thead>
            <tr>
              {["Permission", "Resource", "Privilege", "Path", "Last use", "Stands because"].map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {page.items.map((entry) => (
              <Row key={entry.key} entry={entry} chosen={entry.key === chosen} choose={() => choose(entry.key)} />
            ))}
          </tbody>
        </table>
      </div>
      {search.cursor || page.nextCursor ? (
        <nav className={css.paging} aria-label="Pages">
          {search.cursor ? (
            <Link href={hrefOf(id, search, { cursor: undefined })} scroll={false}>
              First page
            </Link>
          ) : null}
          {page.nextCursor ? (
            <Link href={hrefOf(id, search, { cursor: page.nextCursor })} scroll={false}>
              Next page
            </Link>
          ) : null}
        </nav>
      ) : null}
    </section>
  );
}

function Row({ entry, chosen, choose }: { entry: IdentityAccessEntry; chosen: boolean; choose: () => void }) {
  const { resource } = entry;
  return (
    <tr data-chosen={chosen} aria-current={chosen || undefined} onClick={choose}>
      <td>
        <button type="button" className={css.choose} aria-pressed={chosen}>
          <Name value={entry.permission} mono strong />
        </button>
        {entry.condition ? (
          <span className={css.condition} data-tip={entry.condition}>
            if <bdi>{entry.condition}</bdi>
          </span>
        ) : null}
      </td>
      <td>
        <Link
          href={`/resources/${resource.id}` as Route}
          prefetch={false}
          className={css.cellLink}
          onClick={(event) => event.stopPropagation()}
        >
          <Name value={resource.name} mono />
        </Link>
        <span className={css.second}>
          {resource.type} in {resource.connection}
          {entry.pattern ? ", a pattern, not expanded" : ""}
        </span>
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

function NoAccess({ id, search, accountCount }: Pick<Props, "id" | "search" | "accountCount">) {
  const narrowed = search.connection || search.permission || search.resource;
  if (narrowed)
    return (
      <EmptyState
        title="No access passes these filters"
        actions={
          <Link href={hrefOf(id, search, { connection: undefined, permission: undefined, resource: undefined })}>
            Drop the filters
          </Link>
        }
      />
    );
  return (
    <EmptyState title={search.at ? "It could reach nothing then" : "It can reach nothing that is known"}>
      {accountCount === 0
        ? "It has no account in a connected system."
        : "Its accounts hold no entitlement, directly or through a group, in the systems as they were last read."}
    </EmptyState>
  );
}
