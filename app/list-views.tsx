import { Suspense } from "react";
import type { NamedView } from "@/components/list/list-context";
import { type ViewTab, ViewTabs } from "@/components/list/view-tabs";
import type { Total } from "@/lib/lists/run-list";
import { type ListState, parseState } from "@/lib/lists/schema";
import { type ListPage, lists } from "@/lib/views/labels";
import type { SavedView } from "@/lib/views/queries";
import { standardViews } from "@/lib/views/standard-views";
import { removeViewAction, saveViewAction } from "./list-actions";
import { TotalOf } from "./total-of";

type Props = {
  page: ListPage;
  saved: readonly SavedView[];
  count: (state: ListState) => Promise<Total>;
  /** May the reader save for everybody? */
  mayShare: boolean;
};

/** The views of a page by name: the standard ones, then those that were saved. */
export function namedViews(page: ListPage, saved: readonly SavedView[]): NamedView[] {
  return [...standardViews[page], ...saved].map(({ id, name, query }) => ({ id, name, query }));
}

/** The standard views of a page, the shared ones and one's own, each with how many rows it has. */
export function ListViews({ page, saved, count, mayShare }: Props) {
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

function stateOf(page: ListPage, query: string): ListState {
  return parseState(lists[page], Object.fromEntries(new URLSearchParams(query))).state;
}
