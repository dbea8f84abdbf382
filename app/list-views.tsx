import { Suspense } from "react";
import type { NamedView, Options } from "@/components/list/list-context";
import { type ViewTab, ViewTabs } from "@/components/list/view-tabs";
import type { PersonActor } from "@/lib/auth/actor";
import { may } from "@/lib/auth/authorize";
import { listReferenceOptions } from "@/lib/inventory/reference-queries";
import type { Total } from "@/lib/lists/run-list";
import { type ListState, parseState } from "@/lib/lists/schema";
import { type ListPage, lists, standardViews } from "@/lib/views/labels";
import type { SavedView } from "@/lib/views/queries";
import { removeViewAction, saveViewAction } from "./list-actions";
import { TotalOf } from "./total-of";

type Props = {
  actor: PersonActor;
  page: ListPage;
  saved: readonly SavedView[];
  count: (state: ListState) => Promise<Total>;
};

/** The views of a page by name: the standard ones, then those that were saved. */
export function namedViews(page: ListPage, saved: readonly SavedView[]): NamedView[] {
  return [...standardViews[page], ...saved].map(({ id, name, query }) => ({ id, name, query }));
}

/** The standard views of a page, the shared ones and one's own, each with how many rows it has. */
export function ListViews({ actor, page, saved, count }: Props) {
  const mayShare = may(actor, "view:share");
  const tabs: ViewTab[] = namedViews(page, saved).map((view) => ({
    ...view,
    count: (
      <Suspense fallback={null}>
        <TotalOf count={count(stateOf(page, view.query))} />
      </Suspense>
    ),
  }));
  return (
    <ViewTabs
      views={tabs}
      page={page}
      mayShare={mayShare}
      removable={saved.filter((view) => !view.shared || mayShare)}
      save={saveViewAction}
      remove={removeViewAction}
    />
  );
}

/** The names behind the ids in a list's filters, and the systems there are to choose from. */
export function referenceOptions(actor: PersonActor, page: ListPage, state: ListState): Promise<Options> {
  return listReferenceOptions(actor, { page, filters: state.filters });
}

function stateOf(page: ListPage, query: string): ListState {
  return parseState(lists[page], Object.fromEntries(new URLSearchParams(query))).state;
}
