import type { Route } from "next";
import Link from "next/link";
import { Condition } from "@/components/access-cells";
import { EmptyState } from "@/components/empty-state";
import { Name } from "@/components/name";
import { Privilege } from "@/components/privilege";
import { RefusalNote } from "@/components/refusal-note";
import { Second, TablePanel } from "@/components/table-panel";
import { requireActor } from "@/lib/auth/current-actor";
import { listGiven } from "@/lib/inventory/group-queries";
import { attempt } from "../../attempt";
import css from "./group.module.css";
import { hrefOf, type Search } from "./search";

const columns = [
  { key: "resource", label: "Resource", share: 34 },
  { key: "permission", label: "Permission", share: 24 },
  { key: "privilege", label: "Privilege", share: 14 },
  { key: "from", label: "Held by", share: 28 },
] as const;

/** What being in the group gives: its own entitlements, and those of the groups that it is in. */
export async function GivesTab({ id, search }: { id: string; search: Search }) {
  const read = await attempt(async () => listGiven(await requireActor(), { id, cursor: search.cursor }));
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const { items, nextCursor } = read.value;
  if (items.length === 0) return <EmptyState title="It gives nothing that is known" />;
  return (
    <TablePanel
      label="What it gives"
      columns={columns}
      rows={items.map((given) => ({
        key: given.id,
        cells: {
          resource: (
            <div>
              <Link href={`/resources/${given.resource.id}` as Route} prefetch={false} className={css.name}>
                <Name value={given.resource.name} mono strong />
              </Link>
              <Second>{given.resource.type}</Second>
            </div>
          ),
          permission: (
            <div>
              <Name value={given.permission} mono />
              <Condition text={given.condition} />
            </div>
          ),
          privilege: <Privilege level={given.privilege} />,
          from: given.from ? (
            <Link href={`/groups/${given.from.id}` as Route} prefetch={false} className={css.name}>
              <Name value={given.from.name} mono />
            </Link>
          ) : (
            <span className="dimmed">itself</span>
          ),
        },
      }))}
      ways={[
        search.cursor ? { label: "First page", href: hrefOf(id, "gives") } : null,
        nextCursor ? { label: "Next page", href: hrefOf(id, "gives", nextCursor) } : null,
      ]}
    />
  );
}
