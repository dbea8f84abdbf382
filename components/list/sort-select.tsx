"use client";

import { useList } from "./list-context";

/** The order of the rows, where there is no head of a table to press. */
export function SortSelect({ className }: { className: string }) {
  const { list, state, go } = useList();
  const value = `${state.sort.descending ? "-" : ""}${state.sort.by}`;
  const options = list.columns
    .filter((column) => column.sort)
    .flatMap((column) => [
      { value: `-${column.sort}`, label: `${column.label}, most first` },
      { value: `${column.sort}`, label: `${column.label}, least first` },
    ]);
  if (options.length === 0) return null;
  return (
    <select
      className={className}
      aria-label="Order"
      value={value}
      onChange={(event) => {
        const chosen = event.currentTarget.value;
        go({
          ...state,
          sort: { by: chosen.replace(/^-/, ""), descending: chosen.startsWith("-") },
          place: null,
          rowsBefore: 0,
        });
      }}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}
