import type { Route } from "next";
import Link from "next/link";
import { accessCells, accessColumns, Condition } from "@/components/access-cells";
import { EmptyState } from "@/components/empty-state";
import { Name } from "@/components/name";
import type { PlainRow } from "@/components/plain-table";
import { Second, TablePanel } from "@/components/table-panel";
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
    <TablePanel
      label="Access as a table"
      columns={accessColumns(["permission", "resource"], {
        by: search.sort,
        href: (sort) => hrefOf(id, search, { sort }),
      })}
      rows={page.items.map((entry) => rowOf(entry, { chosen: entry.key === chosen, choose: () => choose(entry.key) }))}
      ways={[
        search.cursor ? { label: "First page", href: hrefOf(id, search, { cursor: undefined }) } : null,
        page.nextCursor ? { label: "Next page", href: hrefOf(id, search, { cursor: page.nextCursor }) } : null,
      ]}
    />
  );
}

function rowOf(entry: IdentityAccessEntry, choice: { chosen: boolean; choose: () => void }): PlainRow {
  const { resource } = entry;
  return {
    key: entry.key,
    choice,
    cells: {
      ...accessCells(entry),
      permission: (
        <span className={css.two}>
          <button type="button" className={css.choose} aria-pressed={choice.chosen}>
            <Name value={entry.permission} mono strong />
          </button>
          <Condition text={entry.condition} />
        </span>
      ),
      resource: (
        <span className={css.two}>
          <Link href={`/resources/${resource.id}` as Route} prefetch={false} className={css.cellLink}>
            <Name value={resource.name} mono />
          </Link>
          <Second>
            {resource.type} in {resource.connection}
            {entry.pattern ? ", a pattern, not expanded" : ""}
          </Second>
        </span>
      ),
    },
  };
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
