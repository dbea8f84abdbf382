import type { ReactNode } from "react";
import css from "./plain-table.module.css";

type Column = { key: string; label: string /** Said to screen readers only. */; quiet?: true; end?: true };
type Row = { key: string; cells: Readonly<Record<string, ReactNode>>; over?: boolean };

/** A short table inside a panel, whole on one page. On a phone each row stands as a block of named facts. */
export function PlainTable({
  label,
  columns,
  rows,
}: {
  label: string;
  columns: readonly Column[];
  rows: readonly Row[];
}) {
  return (
    <table className={css.table} aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.key} scope="col" data-end={column.end}>
              {column.quiet ? <span className="unseen">{column.label}</span> : column.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key} data-over={row.over}>
            {columns.map((column) => (
              <td key={column.key} data-label={column.quiet ? undefined : column.label} data-end={column.end}>
                {row.cells[column.key]}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
