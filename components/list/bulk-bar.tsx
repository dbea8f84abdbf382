"use client";

import { IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { numberWords } from "../count";
import css from "./bulk-bar.module.css";
import { useList } from "./list-context";

/** What can be done with the selected rows; stands over the list's foot while any are. */
export function BulkBar({ total, children }: { total: ReactNode; children: ReactNode }) {
  const { selected, select, list } = useList();
  const count = Object.keys(selected).length;
  if (count === 0) return null;
  return (
    <section className={css.place} aria-label={`Selected ${list.noun.many}`}>
      <div className={css.bar}>
        <span className={css.count} role="status">
          <strong>{numberWords(count)} selected</strong> of {total}
        </span>
        {children}
        <button type="button" className={css.close} aria-label="Select none" onClick={() => select(() => ({}))}>
          <IconX size={18} stroke={1.7} aria-hidden />
        </button>
      </div>
    </section>
  );
}
