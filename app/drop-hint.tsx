import type { Route } from "next";
import Link from "next/link";
import { Count } from "@/components/count";
import { EmptyState } from "@/components/empty-state";
import { Isolated } from "@/components/isolated";
import { filterWords } from "@/components/list/filter-words";
import type { Options } from "@/components/list/list-context";
import type { Total } from "@/lib/lists/run-list";
import { type ListState, serializeState, withFilter } from "@/lib/lists/schema";
import { type ListPage, lists } from "@/lib/views/labels";

type Props = {
  page: ListPage;
  state: ListState;
  options: Options;
  count: (state: ListState) => Promise<Total>;
  /** Said where nothing is filtered: there is none at all. */
  none: { title: string; text: string; href: Route; label: string };
};

/** Why a list is empty, and which one filter to drop for the most to come back. */
export async function DropHint({ page, state, options, count, none }: Props) {
  const list = lists[page];
  const parts = state.filters.length + (state.q ? 1 : 0);
  if (parts === 0)
    return (
      <EmptyState title={none.title} actions={<Link href={none.href}>{none.label}</Link>}>
        {none.text}
      </EmptyState>
    );
  const without: { words: string; next: ListState }[] = [
    ...state.filters.map((filter) => ({
      words: filterWords(list, filter, options),
      next: withFilter(state, filter.field, null),
    })),
    ...(state.q ? [{ words: `“${state.q}”`, next: { ...state, q: "", place: null, rowsBefore: 0 } }] : []),
  ];
  const counted = await Promise.all(without.map(async (one) => ({ ...one, total: await count(one.next) })));
  const best = counted.reduce((most, one) => (one.total.value > most.total.value ? one : most));
  const what = parts === 1 ? "this" : `these ${parts} filters`;
  const address = (next: ListState) => {
    const query = serializeState(list, next);
    return (query ? `/${page}?${query}` : `/${page}`) as Route;
  };
  if (best.total.value === 0)
    return (
      <EmptyState
        title={`No ${list.noun.one} matches ${what}`}
        actions={
          <Link href={address({ ...state, q: "", filters: [], place: null, rowsBefore: 0 })}>Drop all of them</Link>
        }
      >
        None matches with any one of them dropped either.
      </EmptyState>
    );
  return (
    <EmptyState
      title={`No ${list.noun.one} matches ${what}`}
      actions={<Link href={address(best.next)}>Drop that filter</Link>}
    >
      <Count value={best.total.value} capped={best.total.capped} /> {best.total.value === 1 ? "matches" : "match"}{" "}
      without{" "}
      <strong>
        <Isolated value={best.words} />
      </strong>
      .
    </EmptyState>
  );
}
