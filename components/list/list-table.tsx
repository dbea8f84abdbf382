"use client";

import {
  type ColumnDef,
  columnSizingFeature,
  columnVisibilityFeature,
  rowSelectionFeature,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import type { Route } from "next";
import Link from "next/link";
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import { isColumnShown } from "@/lib/lists/schema";
import { useList } from "./list-context";
import { Head, SelectAll } from "./list-head";
import css from "./list-table.module.css";
import { useListKeys } from "./use-list-keys";

const features = tableFeatures({ columnVisibilityFeature, columnSizingFeature, rowSelectionFeature });

// What a column that takes the room that is left has at least.
const flexible = 220;

/** How a column of the definition shows a row. */
export type CellSpec<Row> = {
  cell: (row: Row) => ReactNode;
  /** In pixels; without it the column takes what is left. */
  width?: number;
  /** Where the cell stands in a row on a phone; without it, it does not. */
  phone?: "lead" | "under" | "end" | "endUnder";
};

export type ListTableProps<Row> = {
  rows: readonly Row[];
  cells: Record<string, CellSpec<Row>>;
  /** What a row is called, for its checkbox. */
  nameOf: (row: Row) => string;
  /** The first column links there; Enter opens it. */
  hrefOf?: (row: Row) => Route | null;
  selectable?: boolean;
  children?: ReactNode;
};

/** A list: one head that sorts, rows that can be walked and selected by keys, and on a phone rows of two lines. */
export function ListTable<Row extends { id: string }>(props: ListTableProps<Row>) {
  const { rows, cells, selectable = false } = props;
  const { list, state, pending, selected, select } = useList();
  const shown = useMemo(() => list.columns.filter((column) => cells[column.name]), [list, cells]);
  const columns = useMemo(
    () =>
      shown.map(
        (column): ColumnDef<typeof features, Row> => ({
          id: column.name,
          header: column.label,
          size: cells[column.name]?.width ?? flexible,
          cell: ({ row }) => cells[column.name]?.cell(row.original),
        }),
      ),
    [shown, cells],
  );
  const columnVisibility = Object.fromEntries(shown.map((column) => [column.name, isColumnShown(list, state, column)]));
  const table = useTable({
    features,
    columns,
    data: rows as Row[],
    getRowId: (row) => row.id,
    state: { columnVisibility, columnSizing: state.widths, rowSelection: selected },
    onRowSelectionChange: (change) => select((now) => (typeof change === "function" ? change(now) : change)),
  });
  const body = useListKeys();
  const visible = shown.filter((column) => columnVisibility[column.name]);
  const sizeOf = (name: string) => table.getColumn(name)?.getSize() ?? flexible;
  const minWidth = visible.reduce((sum, column) => sum + sizeOf(column.name), selectable ? 54 : 0);
  const isFlexible = (name: string) => cells[name]?.width === undefined && state.widths[name] === undefined;
  const scroller = useRef<HTMLDivElement>(null);
  const cursor = state.place?.cursor;
  // Another page begins at its first row.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the cursor is what tells that it is another page
  useEffect(() => {
    if (scroller.current) scroller.current.scrollTop = 0;
  }, [cursor]);
  return (
    <div className={css.scroll} data-pending={pending} ref={scroller}>
      <table style={{ minWidth }} className={css.table} aria-busy={pending} aria-label={list.noun.many}>
        <colgroup>
          {selectable ? <col style={{ width: 54 }} /> : null}
          {visible.map((column) => (
            <col key={column.name} style={{ width: isFlexible(column.name) ? undefined : sizeOf(column.name) }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {selectable ? (
              <th scope="col" className={css.check}>
                <SelectAll
                  all={table.getIsAllRowsSelected()}
                  some={table.getIsSomeRowsSelected()}
                  onChange={(on) => table.toggleAllRowsSelected(on)}
                />
              </th>
            ) : null}
            {visible.map((column) => (
              <Head key={column.name} column={column} width={sizeOf(column.name)} />
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {table.getRowModel().rows.map((row) => (
            <tr key={row.id} data-selected={row.getIsSelected()}>
              {selectable ? (
                <td className={css.check}>
                  <input
                    type="checkbox"
                    aria-label={`Select ${props.nameOf(row.original)}`}
                    checked={row.getIsSelected()}
                    onChange={row.getToggleSelectedHandler()}
                  />
                </td>
              ) : null}
              {row.getVisibleCells().map((cell, index) => (
                <Cell key={cell.id} spec={cells[cell.column.id]} column={cell.column.id}>
                  {index === 0 && props.hrefOf ? (
                    <RowLink href={props.hrefOf(row.original)}>
                      <table.FlexRender cell={cell} />
                    </RowLink>
                  ) : (
                    <table.FlexRender cell={cell} />
                  )}
                </Cell>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {props.children}
    </div>
  );
}

function Cell<Row>({
  spec,
  column,
  children,
}: {
  spec: CellSpec<Row> | undefined;
  column: string;
  children: ReactNode;
}) {
  const { list } = useList();
  const align = list.columns.find((one) => one.name === column)?.align;
  return (
    <td data-align={align} data-phone={spec?.phone ?? "none"}>
      {children}
    </td>
  );
}

function RowLink({ href, children }: { href: Route | null; children: ReactNode }) {
  if (!href)
    return (
      <span className={css.plain} data-row-link>
        {children}
      </span>
    );
  return (
    <Link href={href} prefetch={false} className={css.link} data-row-link>
      {children}
    </Link>
  );
}
