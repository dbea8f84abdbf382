import type { Metadata } from "next";
import { LinkButton } from "@/components/link-button";
import { requireActor } from "@/lib/auth/current-actor";
import { countUnmanaged, listUnmanaged } from "@/lib/grants/unmanaged-queries";
import type { SearchParams } from "@/lib/lists/schema";
import { InventoryListPage } from "../../list-page";
import { UnmanagedTable } from "./unmanaged-table";

export const metadata: Metadata = { title: "Unmanaged access" };

export default async function UnmanagedPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const actor = await requireActor();
  return (
    <InventoryListPage
      actor={actor}
      page="unmanaged"
      title="Unmanaged access"
      searchParams={await searchParams}
      placeholder="Person, account, role, resource…"
      read={listUnmanaged}
      count={countUnmanaged}
      actions={
        <LinkButton href="/grants" variant="default">
          Grants
        </LinkButton>
      }
      none={{
        title: "Nothing is unmanaged",
        text: "Of all that accounts hold themselves, somebody here can say why and until when.",
        href: "/grants",
        label: "Grants",
      }}
      table={(page, total, after) => (
        <UnmanagedTable page={page} total={total}>
          {after}
        </UnmanagedTable>
      )}
    />
  );
}
