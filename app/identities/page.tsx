import type { Metadata } from "next";
import { Suspense } from "react";
import { HiddenByRole } from "@/components/hidden-by-role";
import { ColumnsMenu } from "@/components/list/columns-menu";
import { ExportLink } from "@/components/list/export-link";
import { FilterBar } from "@/components/list/filter-bar";
import { ListProvider } from "@/components/list/list-context";
import { PageHeader } from "@/components/page-header";
import { RefusalNote } from "@/components/refusal-note";
import { requireActor } from "@/lib/auth/current-actor";
import { countHiddenIdentities, countIdentities, listIdentities } from "@/lib/inventory/identity-list-queries";
import { emptyState, type ListState, parseState, type SearchParams } from "@/lib/lists/schema";
import { now } from "@/lib/time";
import { identityList } from "@/lib/views/labels";
import { listViews } from "@/lib/views/queries";
import { attempt } from "../attempt";
import { DropHint } from "../drop-hint";
import { ListViews, namedViews, referenceOptions } from "../list-views";
import { TotalOf } from "../total-of";
import { IdentityTable } from "./identity-table";

export const metadata: Metadata = { title: "Identities" };

export default async function IdentitiesPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const actor = await requireActor();
  const { state, problems } = parseState(identityList, await searchParams);
  const asOf = now().toISOString();
  const [read, options, saved, hidden] = await Promise.all([
    attempt(() => listIdentities(actor, { state })),
    referenceOptions(actor, "identities", state),
    listViews(actor, { page: "identities" }),
    countHiddenIdentities(actor, { state: emptyState(identityList) }),
  ]);
  const count = (counted: ListState) => countIdentities(actor, { state: counted });
  const matching = count(state);
  const total = (
    <Suspense fallback="…">
      <TotalOf count={matching} />
    </Suspense>
  );
  return (
    <ListProvider page="identities" state={state} options={options} views={namedViews("identities", saved)}>
      <PageHeader
        title="Identities"
        aside={total}
        actions={
          <>
            <ExportLink />
            <ColumnsMenu />
          </>
        }
      />
      <ListViews actor={actor} page="identities" saved={saved} count={count} />
      <FilterBar placeholder="Name, e-mail, number…" asOf={asOf} problems={problems} />
      {read.ok ? (
        <IdentityTable page={read.value} total={total}>
          {read.value.items.length === 0 ? (
            <DropHint
              page="identities"
              state={state}
              options={options}
              count={count}
              none={{
                title: "No identity yet",
                text: "Identities come with the systems they are in.",
                href: "/connections",
                label: "Connect a system",
              }}
            />
          ) : null}
          <HiddenByRole count={hidden.value} noun={identityList.noun} />
        </IdentityTable>
      ) : (
        <RefusalNote refusal={read.refusal} />
      )}
    </ListProvider>
  );
}
