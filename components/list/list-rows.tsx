"use client";

import type { ReactNode } from "react";
import { BulkBar } from "./bulk-bar";
import css from "./cells.module.css";
import { ListFoot } from "./list-foot";
import { ListTable, type ListTableProps } from "./list-table";

export type RowsPage<Row> = { items: Row[]; nextCursor: string | null; previousCursor: string | null };

type Props<Row> = Omit<ListTableProps<Row>, "rows" | "selectable" | "children"> & {
  page: RowsPage<Row>;
  total: ReactNode;
  /** What can be done with selected rows; without it none can be selected. */
  bulk?: ReactNode;
  /** Beneath the rows: what is hidden, or why there are none. */
  children?: ReactNode;
};

/** One page of a list: its rows, what can be done with those that are selected, and the ways on. */
export function ListRows<Row extends { id: string }>({ page, total, bulk, children, ...table }: Props<Row>) {
  return (
    <>
      <ListTable {...table} rows={page.items} selectable={bulk !== undefined}>
        <div className={css.after}>{children}</div>
      </ListTable>
      {bulk === undefined ? null : <BulkBar total={total}>{bulk}</BulkBar>}
      <ListFoot
        shown={page.items.length}
        nextCursor={page.nextCursor}
        previousCursor={page.previousCursor}
        total={total}
      />
    </>
  );
}
