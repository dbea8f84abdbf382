import type { Metadata } from "next";
import { LinkButton } from "@/components/link-button";
import { reachOf } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import type { SearchParams } from "@/lib/lists/schema";
import { countHiddenRequests, countRequests, listRequests } from "@/lib/requests/queries";
import { InventoryListPage } from "../list-page";
import { RequestTable } from "./request-table";

export const metadata: Metadata = { title: "Requests" };

export default async function RequestsPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const actor = await requireActor();
  return (
    <InventoryListPage
      actor={actor}
      page="requests"
      title={reachOf(actor, "request:read") === "all" ? "Requests" : "My requests"}
      searchParams={await searchParams}
      placeholder="R-number, person, resource, ticket…"
      read={listRequests}
      count={countRequests}
      hidden={countHiddenRequests}
      actions={<LinkButton href="/ask">Ask for access</LinkButton>}
      none={{
        title: "No request yet",
        text: "What is asked for stands here from the first word to the receipt.",
        href: "/ask",
        label: "Ask for access",
      }}
      table={(page, total, after) => (
        <RequestTable page={page} total={total}>
          {after}
        </RequestTable>
      )}
    />
  );
}
