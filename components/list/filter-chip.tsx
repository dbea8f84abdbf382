"use client";

import { IconX } from "@tabler/icons-react";
import { useState } from "react";
import { fieldNamed, type ListFilter } from "@/lib/lists/schema";
import { Isolated } from "../isolated";
import css from "./filter-bar.module.css";
import { filterWords, operatorWords, valueWords } from "./filter-words";
import { LazyFilterPopover } from "./lazy-filter-popover";
import { useList } from "./list-context";

/** One filter: its field, how, its value, and away with it. */
export function FilterChip({ filter }: { filter: ListFilter }) {
  const { list, options, setFilter } = useList();
  const [open, setOpen] = useState(false);
  const field = fieldNamed(list, filter.field);
  if (!field) return null;
  const words = operatorWords(field, filter);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form; this is a group of buttons
    <span className={css.chip} role="group" aria-label={filterWords(list, filter, options)}>
      <span className={css.part}>{field.label}</span>
      {field.fixed || field.kind === "flag" ? (
        <span className={css.part}>{words}</span>
      ) : (
        <button
          type="button"
          className={css.part}
          data-tip="Turn round"
          onClick={() => setFilter(field.name, { ...filter, not: !filter.not })}
        >
          {words}
        </button>
      )}
      <LazyFilterPopover opened={open} onOpened={setOpen} field={field}>
        <button
          type="button"
          className={`${css.part} ${css.value}`}
          aria-haspopup="dialog"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          <Isolated value={valueWords(field, filter.values, options)} />
        </button>
      </LazyFilterPopover>
      <button
        type="button"
        className={css.part}
        aria-label={`Remove the filter ${field.label}`}
        onClick={() => setFilter(field.name, null)}
      >
        <IconX size={14} stroke={1.7} aria-hidden />
      </button>
    </span>
  );
}
