import type { Metadata } from "next";
import { requireActor } from "@/lib/auth/current-actor";
import { countCredentials, listCredentials } from "@/lib/inventory/credential-list-queries";
import type { SearchParams } from "@/lib/lists/schema";
import { InventoryListPage } from "../list-page";
import { CredentialTable } from "./credential-table";

export const metadata: Metadata = { title: "Credentials" };

export default async function CredentialsPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  return (
    <InventoryListPage
      actor={await requireActor()}
      page="credentials"
      title="Credentials"
      searchParams={await searchParams}
      placeholder="Key id or name…"
      read={listCredentials}
      count={countCredentials}
      none={{
        title: "No credential yet",
        text: "Credentials come with the systems they open.",
        href: "/connections",
        label: "Connect a system",
      }}
      table={(page, total, after) => (
        <CredentialTable page={page} total={total}>
          {after}
        </CredentialTable>
      )}
    />
  );
}
