import type { Metadata } from "next";
import { reachOf } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { countHiddenIdentities, countIdentities, listIdentities } from "@/lib/inventory/identity-list-queries";
import { emptyState, type SearchParams } from "@/lib/lists/schema";
import { identityList } from "@/lib/views/lists/identity-list";
import { InventoryListPage } from "../list-page";
import { IdentityTable } from "./identity-table";

export const metadata: Metadata = { title: "Identities" };

export default async function IdentitiesPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const actor = await requireActor();
  return (
    <InventoryListPage
      actor={actor}
      page="identities"
      title="Identities"
      searchParams={await searchParams}
      placeholder="Name, e-mail, number…"
      read={listIdentities}
      count={countIdentities}
      hidden={(actor) => countHiddenIdentities(actor, { state: emptyState(identityList) })}
      none={{
        title: "No identity yet",
        text: "Identities come with the systems they are in.",
        href: "/connections",
        label: "Connect a system",
      }}
      table={(page, total, after) => (
        <IdentityTable page={page} total={total} mayEdit={reachOf(actor, "identity:edit") !== "none"}>
          {after}
        </IdentityTable>
      )}
    />
  );
}
