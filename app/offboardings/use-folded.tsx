"use client";

import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import css from "@/components/access/access.module.css";
import { numberWords } from "@/components/count";

/** The first of many rows, and the button that shows the others. */
export function useFolded<Row>(rows: readonly Row[], first: number): { shown: readonly Row[]; more: ReactNode } {
  const [all, setAll] = useState(false);
  if (all || rows.length <= first) return { shown: rows, more: null };
  const more = (
    <p className={css.note}>
      <Button size="compact-sm" variant="default" onClick={() => setAll(true)}>
        Show all {numberWords(rows.length)}
      </Button>
    </p>
  );
  return { shown: rows.slice(0, first), more };
}
