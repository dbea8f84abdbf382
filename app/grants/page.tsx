import type { Metadata } from "next";
import { LinkButton } from "@/components/link-button";
import { reachOf } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { countGrants, countHiddenGrants, listGrants } from "@/lib/grants/queries";
import type { SearchParams } from "@/lib/lists/schema";
import { InventoryListPage } from "../list-page";
import { GrantTable } from "./grant-table";

export const metadata: Metadata = { title: "Grants" };

export default async function GrantsPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const actor = await requireActor();
  const seesAll = reachOf(actor, "grant:read") === "all";
  return (
    <InventoryListPage
      actor={actor}
      page="grants"
      title="Grants"
      searchParams={await searchParams}
      placeholder="Person, role, resource…"
      read={listGrants}
      count={countGrants}
      hidden={countHiddenGrants}
      actions={
        <>
          <LinkButton href="/grants/unmanaged" variant="default">
            Unmanaged
          </LinkButton>
          {seesAll ? (
            <LinkButton href="/grants/figures" variant="default">
              Figures
            </LinkButton>
          ) : null}
        </>
      }
      none={{
        title: "No grant yet",
        text: "A grant comes from an approved request, and ends by itself.",
        href: "/ask",
        label: "Ask for access",
      }}
      table={(page, total, after) => (
        <GrantTable page={page} total={total}>
          {after}
        </GrantTable>
      )}
    />
  );
}
