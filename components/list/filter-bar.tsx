"use client";

import { IconAdjustmentsHorizontal, IconClock, IconPlus, IconSearch } from "@tabler/icons-react";
import { useRouter } from "next/navigation";
import { useEffect, useId, useRef, useState, useTransition } from "react";
import { longestQuery } from "@/lib/lists/schema";
import { numberWords } from "../count";
import { useReaderFacts } from "../reader";
import { Time } from "../time";
import css from "./filter-bar.module.css";
import { FilterChip } from "./filter-chip";
import { LazyFilterPopover } from "./lazy-filter-popover";
import { useList } from "./list-context";
import { SortSelect } from "./sort-select";
import { ViewSelect } from "./view-select";

type Props = {
  placeholder: string;
  /** When it was read; not of what follows by itself. */
  asOf?: string;
  /** What of the address was not understood. */
  problems: readonly string[];
};

/** Narrowing a list: words to search for, one chip a filter, adding one, and as of when it stands. */
export function FilterBar({ placeholder, asOf, problems }: Props) {
  const { list, state, go } = useList();
  const [adding, setAdding] = useState(false);
  const [open, setOpen] = useState(false);
  const count = state.filters.length;
  return (
    <section className={css.bar} aria-label={`Filters of ${list.noun.many}`}>
      <span className={css.phoneTools}>
        <ViewSelect className={`${css.pill} ${css.view}`} />
        <button type="button" className={css.pill} aria-expanded={open} onClick={() => setOpen(!open)}>
          <IconAdjustmentsHorizontal size={16} stroke={1.7} aria-hidden />
          {count === 0 ? "Filters" : `${numberWords(count)} ${count === 1 ? "filter" : "filters"}`}
        </button>
        <SortSelect className={css.pill ?? ""} />
      </span>
      <SearchBox placeholder={placeholder} open={open} />
      <div className={css.chips} data-open={open}>
        {state.filters.map((filter) => (
          <FilterChip key={filter.field} filter={filter} />
        ))}
        <span className={css.addPlace}>
          <LazyFilterPopover opened={adding} onOpened={setAdding} field={null}>
            <button type="button" className={css.add} aria-haspopup="dialog" onClick={() => setAdding(!adding)}>
              <IconPlus size={14} stroke={1.7} aria-hidden /> Filter
            </button>
          </LazyFilterPopover>
        </span>
        {count > 0 || state.q ? (
          <button
            type="button"
            className={css.clear}
            onClick={() => go({ ...state, q: "", filters: [], place: null, rowsBefore: 0 })}
          >
            Clear
          </button>
        ) : null}
      </div>
      {asOf ? <AsOf at={asOf} /> : null}
      {problems.length > 0 ? (
        <p className={css.problems} role="status">
          Left out of this address: {problems.join("; ")}.
        </p>
      ) : null}
    </section>
  );
}

function SearchBox({ placeholder, open }: { placeholder: string; open: boolean }) {
  const { state, go } = useList();
  const [text, setText] = useState(state.q);
  const [typed, setTyped] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => {
    if (!typed) setText(state.q);
  }, [state.q, typed]);
  useEffect(() => {
    if (!typed) return;
    const timer = setTimeout(() => {
      setTyped(false);
      if (text !== state.q) go({ ...state, q: text, place: null, rowsBefore: 0 }, "replace");
    }, 220);
    return () => clearTimeout(timer);
  }, [text, typed, state, go]);
  return (
    <label className={css.search} htmlFor={id} data-open={open || state.q !== ""}>
      <IconSearch size={16} stroke={1.7} aria-hidden />
      <span className="unseen">Search</span>
      <input
        id={id}
        ref={box}
        data-filter
        type="search"
        maxLength={longestQuery}
        placeholder={placeholder}
        value={text}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setTyped(true);
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape" && text === "") box.current?.blur();
        }}
      />
      <kbd aria-hidden>/</kbd>
    </label>
  );
}

function AsOf({ at }: { at: string }) {
  const router = useRouter();
  const { nowMs } = useReaderFacts();
  const [pending, start] = useTransition();
  return (
    <button
      type="button"
      className={css.asOf}
      data-tip="Read again"
      aria-busy={pending}
      onClick={() => start(() => router.refresh())}
    >
      <IconClock size={16} stroke={1.7} aria-hidden />
      <span>
        As of <Time at={Math.min(Date.parse(at), nowMs)} />
      </span>
    </button>
  );
}
