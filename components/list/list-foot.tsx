"use client";

import Link from "next/link";
import type { ReactNode } from "react";
import { numberWords } from "../count";
import { KeysHelp } from "./keys-help";
import { useList } from "./list-context";
import css from "./list-foot.module.css";

type Props = {
  shown: number;
  nextCursor: string | null;
  previousCursor: string | null;
  /** Where it is counted meanwhile, this may come later. */
  total: ReactNode;
};

/** Which rows these are, the keys, and the ways on and back. */
export function ListFoot({ shown, nextCursor, previousCursor, total }: Props) {
  const { state, href } = useList();
  const from = state.rowsBefore + 1;
  const next = nextCursor && {
    ...state,
    place: { cursor: nextCursor, way: "after" as const },
    rowsBefore: state.rowsBefore + shown,
  };
  const back = previousCursor && {
    ...state,
    place: { cursor: previousCursor, way: "before" as const },
    rowsBefore: Math.max(0, state.rowsBefore - shown),
  };
  return (
    <div className={css.foot}>
      <span>
        {shown === 0 ? null : (
          <>
            Rows {numberWords(from)} to {numberWords(state.rowsBefore + shown)} of {total}
          </>
        )}
      </span>
      <KeysHelp />
      <nav className={css.pages} aria-label="Pages">
        {back ? (
          <Link href={href(back)} className={css.page} prefetch={false} rel="prev">
            Previous
          </Link>
        ) : (
          <span className={css.page} data-off>
            Previous
          </span>
        )}
        {next ? (
          <Link href={href(next)} className={css.page} prefetch={false} rel="next">
            Next
          </Link>
        ) : (
          <span className={css.page} data-off>
            Next
          </span>
        )}
      </nav>
    </div>
  );
}
