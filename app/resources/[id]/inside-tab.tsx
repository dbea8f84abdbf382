import type { Route } from "next";
import Link from "next/link";
import { numberWords } from "@/components/count";
import { EmptyState } from "@/components/empty-state";
import { Name } from "@/components/name";
import { RefusalNote } from "@/components/refusal-note";
import { TablePanel } from "@/components/table-panel";
import { requireActor } from "@/lib/auth/current-actor";
import { listChildResources } from "@/lib/inventory/resource-queries";
import { attempt } from "../../attempt";
import css from "./resource.module.css";
import { hrefOf, type Search } from "./search";

const columns = [
  { key: "resource", label: "Resource" },
  { key: "type", label: "Type" },
  { key: "permissions", label: "Permissions held", end: true },
] as const;

/** What lies in this resource. */
export async function InsideTab({ id, search }: { id: string; search: Search }) {
  const read = await attempt(async () => listChildResources(await requireActor(), { id, cursor: search.cursor }));
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const { items, nextCursor } = read.value;
  if (items.length === 0) return <EmptyState title="Nothing lies in it" />;
  return (
    <TablePanel
      label="Inside it"
      columns={columns}
      rows={items.map((child) => ({
        key: child.id,
        cells: {
          resource: (
            <Link href={`/resources/${child.id}` as Route} prefetch={false} className={css.permission}>
              <Name value={child.name} mono strong />
            </Link>
          ),
          type: child.type,
          permissions: numberWords(child.entitlements),
        },
      }))}
      ways={[
        search.cursor ? { label: "First page", href: hrefOf(id, search) } : null,
        nextCursor ? { label: "Next page", href: hrefOf(id, search, { cursor: nextCursor }) } : null,
      ]}
    />
  );
}
