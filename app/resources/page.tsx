import type { Metadata } from "next";
import { may } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { countResources, listResources } from "@/lib/inventory/resource-list-queries";
import type { SearchParams } from "@/lib/lists/schema";
import { InventoryListPage } from "../list-page";
import { ResourceTable } from "./resource-table";

export const metadata: Metadata = { title: "Resources" };

export default async function ResourcesPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const actor = await requireActor();
  return (
    <InventoryListPage
      actor={actor}
      page="resources"
      title="Resources"
      searchParams={await searchParams}
      placeholder="Table, repository, role…"
      read={listResources}
      count={countResources}
      none={{
        title: "No resource yet",
        text: "Resources come with the systems they are in.",
        href: "/connections",
        label: "Connect a system",
      }}
      table={(page, total, after) => (
        <ResourceTable page={page} total={total} mayEdit={may(actor, "resource:edit")}>
          {after}
        </ResourceTable>
      )}
    />
  );
}
