import type { Metadata, Route } from "next";
import { LinkButton } from "@/components/link-button";
import { may } from "@/lib/auth/authorize";
import { requireActor } from "@/lib/auth/current-actor";
import { countAccounts, listAccounts } from "@/lib/inventory/account-list-queries";
import type { SearchParams } from "@/lib/lists/schema";
import { InventoryListPage } from "../list-page";
import { AccountTable } from "./account-table";

export const metadata: Metadata = { title: "Accounts" };

export default async function AccountsPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const actor = await requireActor();
  return (
    <InventoryListPage
      actor={actor}
      page="accounts"
      title="Accounts"
      searchParams={await searchParams}
      placeholder="Name, e-mail, id there…"
      actions={
        may(actor, "identity:read") ? (
          <LinkButton variant="default" href={"/accounts/rules" as Route}>
            Matching rules
          </LinkButton>
        ) : undefined
      }
      read={listAccounts}
      count={countAccounts}
      none={{
        title: "No account yet",
        text: "Accounts come with the systems they are in.",
        href: "/connections",
        label: "Connect a system",
      }}
      table={(page, total, after) => (
        <AccountTable page={page} total={total} mayMatch={may(actor, "identity:match")}>
          {after}
        </AccountTable>
      )}
    />
  );
}
