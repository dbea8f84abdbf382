"use client";

import { isColumnShown } from "@/lib/lists/schema";
import { Hanging } from "../hanging";
import css from "./filter-popover.module.css";
import { useList } from "./list-context";

/** The columns to choose from; the first is always shown. */
export function ColumnsChoice({ onClose }: { onClose: () => void }) {
  const { list, state, go } = useList();
  const shown = list.columns.filter((column) => isColumnShown(list, state, column)).map((column) => column.name);
  const toggle = (name: string, on: boolean) => {
    const next = list.columns.map((column) => column.name).filter((one) => (one === name ? on : shown.includes(one)));
    go({ ...state, columns: next }, "replace");
  };
  return (
    <Hanging label="Columns" onClose={onClose}>
      <fieldset className={css.choice}>
        <legend className="unseen">Columns</legend>
        {list.columns.slice(1).map((column) => (
          <label key={column.name} className={css.entry}>
            <input
              type="checkbox"
              checked={shown.includes(column.name)}
              onChange={(event) => toggle(column.name, event.currentTarget.checked)}
            />
            {column.label}
          </label>
        ))}
      </fieldset>
      <button
        type="button"
        className={css.entry}
        disabled={state.columns === null && Object.keys(state.widths).length === 0}
        onClick={() => go({ ...state, columns: null, widths: {} }, "replace")}
      >
        As it was
      </button>
    </Hanging>
  );
}
