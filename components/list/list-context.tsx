"use client";

import type { Route } from "next";
import { usePathname, useRouter } from "next/navigation";
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  useTransition,
} from "react";
import {
  type ListDefinition,
  type ListFilter,
  type ListState,
  parseState,
  serializeState,
  viewOf,
  withFilter,
} from "@/lib/lists/schema";

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
  /** Makes a column as wide as this; `null` as it was. The page is not read anew for it. */
  setWidth: (column: string, pixels: number | null) => void;
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
  const here = serializeState(list, viewOf(state));
  return views.find(({ query }) => {
    const { state: there } = parseState(list, Object.fromEntries(new URLSearchParams(query)));
    return serializeState(list, viewOf(there)) === here;
  });
}

/** The list a component stands in. */
export function useList(): ListValue {
  const value = useContext(context);
  if (!value) throw new Error("a part of a list stands outside of one");
  return value;
}

type Props = {
  list: ListDefinition;
  state: ListState;
  options?: Options;
  views?: readonly NamedView[];
  /** What else the address says, and goes on saying: the tab, the moment in the past. */
  keep?: Readonly<Record<string, string | undefined>>;
  children: ReactNode;
};

/** Holds what all parts of a list page share: its state as the address says it, and what is selected. */
export function ListProvider({ list, state: given, options = noOptions, views = noViews, keep, children }: Props) {
  const router = useRouter();
  const [pending, start] = useTransition();
  const [selected, setSelected] = useState<Record<string, true>>({});
  const href = useHref(list, keep);
  const { state, setWidth } = useWidths(given, href);
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
      setWidth,
    }),
    [list, state, options, views, href, go, pending, selected, setWidth],
  );
  return <context.Provider value={value}>{children}</context.Provider>;
}

function useHref(list: ListDefinition, keep: Props["keep"]): ListValue["href"] {
  const path = usePathname();
  return useCallback(
    (next) => {
      const kept = Object.entries(keep ?? {}).flatMap(([name, value]) => (value ? [[name, value]] : []));
      const query = [new URLSearchParams(kept).toString(), serializeState(list, next)].filter(Boolean).join("&");
      return (query ? `${path}?${query}` : path) as Route;
    },
    [list, path, keep],
  );
}

// While a column is dragged no page is asked for: the address follows by itself.
function useWidths(given: ListState, href: ListValue["href"]): Pick<ListValue, "state" | "setWidth"> {
  const [widths, setWidths] = useState(given.widths);
  const said = JSON.stringify(given.widths);
  useEffect(() => setWidths(JSON.parse(said)), [said]);
  const state = useMemo(() => ({ ...given, widths }), [given, widths]);
  const setWidth = useCallback(
    (column: string, pixels: number | null) =>
      setWidths((before) => {
        const { [column]: _, ...others } = before;
        return pixels === null ? others : { ...others, [column]: pixels };
      }),
    [],
  );
  useEffect(() => {
    if (JSON.stringify(widths) === said) return;
    const timer = setTimeout(() => window.history.replaceState(null, "", href({ ...given, widths })), 200);
    return () => clearTimeout(timer);
  }, [widths, said, given, href]);
  return { state, setWidth };
}

const noOptions: Options = {};
const noViews: readonly NamedView[] = [];
