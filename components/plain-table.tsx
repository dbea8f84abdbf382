import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import css from "./plain-table.module.css";

export type PlainColumn = {
  key: string;
  label: string;
  /** Said to screen readers only. */
  quiet?: true;
  end?: true;
  /** Of short words: they stay on one line. */
  keep?: true;
  /** Share of the table's width; where one column has one, what is too long is cut and no column grows. */
  share?: number;
  /** Pressing its head orders the rows by it. */
  sort?: { href: Route; direction: "ascending" | "descending" | null };
};
export type PlainRow = {
  key: string;
  cells: Readonly<Record<string, ReactNode>>;
  over?: boolean;
  /** The row can be chosen by a press; a button within it does the same for the keyboard. */
  choice?: { chosen: boolean; choose: () => void };
};

type Props = { label: string; columns: readonly PlainColumn[]; rows: readonly PlainRow[] };

/** A table inside a panel, a page at a time. On a phone each row stands as a block of named facts. */
export function PlainTable({ label, columns, rows }: Props) {
  const shared = columns.some((column) => column.share);
  return (
    <table className={css.table} aria-label={label} data-shared={shared || undefined}>
      {shared ? (
        <colgroup>
          {columns.map((column) => (
            <col key={column.key} style={column.share ? { width: `${column.share}%` } : undefined} />
          ))}
        </colgroup>
      ) : null}
      <thead>
        <tr>
          {columns.map((column) => (
            <Head key={column.key} column={column} />
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, cells, over, choice }) => (
          <tr
            key={key}
            data-over={over}
            data-chosen={choice?.chosen}
            aria-current={choice?.chosen || undefined}
            onClick={choice ? (event) => isOnLink(event.target) || choice.choose() : undefined}
          >
            {columns.map((column) => (
              <td
                key={column.key}
                data-label={column.quiet ? undefined : column.label}
                data-end={column.end}
                data-keep={column.keep}
              >
                {cells[column.key]}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

// A link in the row leads where it says.
function isOnLink(target: EventTarget): boolean {
  return target instanceof Element && target.closest("a") !== null;
}

function Head({ column }: { column: PlainColumn }) {
  const { label, quiet, end, sort } = column;
  const Arrow = sort?.direction === "descending" ? IconChevronDown : IconChevronUp;
  return (
    <th scope="col" data-end={end} aria-sort={sort?.direction ?? undefined}>
      {sort ? (
        <Link href={sort.href} scroll={false} prefetch={false} className={css.sort}>
          {label}
          {sort.direction ? <Arrow size={14} stroke={1.7} aria-hidden /> : null}
        </Link>
      ) : (
        <span className={quiet ? "unseen" : undefined}>{label}</span>
      )}
    </th>
  );
}
