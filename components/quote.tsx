"use client";

import { useState } from "react";
import { Isolated } from "./isolated";
import css from "./quote.module.css";
import { TextButton } from "./text-button";

// More than this pushes what is decided by out of sight.
const shown = 600;

/** What somebody wrote: plain text with its line breaks; of a long one the beginning, and all of it on demand. */
export function Quote({ value, by }: { value: string; by?: string }) {
  const [open, setOpen] = useState(false);
  const isLong = value.length > shown + 100 || value.split("\n").length > 12;
  const part = value.split("\n").slice(0, 10).join("\n").slice(0, shown).trimEnd();
  return (
    <div className={css.quote}>
      {by === undefined ? null : (
        <>
          <strong>
            <Isolated value={by} />
          </strong>
          :{" "}
        </>
      )}
      <Isolated value={isLong && !open ? `${part} …` : value} />
      {isLong ? (
        <div className={css.more}>
          <TextButton aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? "Show less" : `Show all, ${value.length.toLocaleString("en-GB")} characters`}
          </TextButton>
        </div>
      ) : null}
    </div>
  );
}
