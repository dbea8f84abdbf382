"use client";

import type { Route } from "next";
import { usePathname, useRouter } from "next/navigation";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState, useTransition } from "react";
import {
  type ListDefinition,
  type ListFilter,
  type ListState,
  parseState,
  serializeState,
  withFilter,
} from "@/lib/lists/schema";
import { type ListPage, lists } from "@/lib/views/labels";

/** What a reference filter may be set to, or is set to: by field, the name of each value. */
export type Options = Record<string, readonly { value: string; label: string }[]>;

export type NamedView = { id: string; name: string; query: string };

type ListValue = {
  list: ListDefinition;
  state: ListState;
  options: Options;
  /** The named addresses of this list. */
  views: readonly NamedView[];
  /** The address of the list in another state. */
  href: (next: ListState) => Route;
  /** Goes there; the rows stay, dimmed, until the new ones are there. */
  go: (next: ListState, how?: "push" | "replace") => void;
  setFilter: (field: string, filter: ListFilter | null) => void;
  pending: boolean;
  selected: Record<string, true>;
  select: (change: (now: Record<string, true>) => Record<string, true>) => void;
};

const context = createContext<ListValue | null>(null);

/** The view that says just what the list shows, if one does. */
export function currentViewOf({
  list,
  state,
  views,
}: Pick<ListValue, "list" | "state" | "views">): NamedView | undefined {
  const here = serializeState(list, { ...state, place: null, rowsBefore: 0 });
  return views.find(
    (view) =>
      serializeState(list, parseState(list, Object.fromEntries(new URLSearchParams(view.query))).state) === here,
  );
}

/** The list a component stands in. */
export function useList(): ListValue {
  const value = useContext(context);
  if (!value) throw new Error("a part of a list stands outside of one");
  return value;
}

type Props = { page: ListPage; state: ListState; options?: Options; views?: readonly NamedView[]; children: ReactNode };

/** Holds what all parts of a list page share: its state as the address says it, and what is selected. */
export function ListProvider({ page, state, options = noOptions, views = noViews, children }: Props) {
  const list = lists[page];
  const router = useRouter();
  const path = usePathname();
  const [pending, start] = useTransition();
  const [selected, setSelected] = useState<Record<string, true>>({});
  const href = useCallback(
    (next: ListState) => {
      const query = serializeState(list, next);
      return (query ? `${path}?${query}` : path) as Route;
    },
    [list, path],
  );
  const go = useCallback(
    (next: ListState, how: "push" | "replace" = "push") => start(() => router[how](href(next), { scroll: false })),
    [router, href],
  );
  const value = useMemo(
    () => ({
      list,
      state,
      options,
      views,
      href,
      go,
      pending,
      selected,
      select: setSelected,
      setFilter: (field: string, filter: ListFilter | null) => go(withFilter(state, field, filter)),
    }),
    [list, state, options, views, href, go, pending, selected],
  );
  return <context.Provider value={value}>{children}</context.Provider>;
}

const noOptions: Options = {};
const noViews: readonly NamedView[] = [];
