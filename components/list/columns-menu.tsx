"use client";

import { Button } from "@mantine/core";
import { IconColumns3 } from "@tabler/icons-react";
import { useState } from "react";
import { isColumnShown } from "@/lib/lists/schema";
import { Hanging } from "../hanging";
import css from "./filter-popover.module.css";
import { useList } from "./list-context";

/** Which columns are shown; the choice is part of the address. The first always is. */
export function ColumnsMenu() {
  const { list, state, go } = useList();
  const [open, setOpen] = useState(false);
  const shown = list.columns.filter((column) => isColumnShown(list, state, column)).map((column) => column.name);
  const toggle = (name: string, on: boolean) => {
    const next = list.columns.map((column) => column.name).filter((one) => (one === name ? on : shown.includes(one)));
    go({ ...state, columns: next }, "replace");
  };
  return (
    <span style={{ position: "relative" }}>
      <Button
        variant="default"
        leftSection={<IconColumns3 size={16} stroke={1.7} aria-hidden />}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        Columns
      </Button>
      {open ? (
        <Hanging label="Columns" onClose={() => setOpen(false)}>
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
            disabled={state.columns === null}
            onClick={() => go({ ...state, columns: null }, "replace")}
          >
            As it was
          </button>
        </Hanging>
      ) : null}
    </span>
  );
}
