import type { Route } from "next";
import Link from "next/link";
import { numberWords } from "@/components/count";
import { EmptyState } from "@/components/empty-state";
import { Name } from "@/components/name";
import { RefusalNote } from "@/components/refusal-note";
import { requireActor } from "@/lib/auth/current-actor";
import { listChildResources } from "@/lib/inventory/resource-queries";
import { attempt } from "../../attempt";
import css from "./resource.module.css";
import { hrefOf, type Search } from "./search";

/** What lies in this resource. */
export async function InsideTab({ id, search }: { id: string; search: Search }) {
  const read = await attempt(async () => listChildResources(await requireActor(), { id, cursor: search.cursor }));
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const { items, nextCursor } = read.value;
  if (items.length === 0) return <EmptyState title="Nothing lies in it" />;
  return (
    <section className={css.panel} aria-label="Inside it">
      <div className={css.wide}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">Resource</th>
              <th scope="col">Type</th>
              <th scope="col" className="num">
                Permissions held
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((child) => (
              <tr key={child.id}>
                <td>
                  <Link href={`/resources/${child.id}` as Route} prefetch={false} className={css.permission}>
                    <Name value={child.name} mono strong />
                  </Link>
                </td>
                <td>{child.type}</td>
                <td className="num">{numberWords(child.entitlements)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {search.cursor || nextCursor ? (
        <nav className={css.paging} aria-label="Pages">
          {search.cursor ? <Link href={hrefOf(id, search)}>First page</Link> : null}
          {nextCursor ? <Link href={hrefOf(id, search, { cursor: nextCursor })}>Next page</Link> : null}
        </nav>
      ) : null}
    </section>
  );
}
