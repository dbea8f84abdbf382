import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { type PlainColumn, type PlainRow, PlainTable } from "./plain-table";
import css from "./table-panel.module.css";

type Way = { label: string; href: Route };

type Props = {
  label: string;
  columns: readonly PlainColumn[];
  rows: readonly PlainRow[];
  before?: ReactNode;
  after?: ReactNode;
  /** Back to the start, and on; nothing where all is on one page. */
  ways?: readonly (Way | null | false | undefined)[];
};

/** A table as a part of a page: Accounts, Credentials, who can reach it. */
export function TablePanel({ label, columns, rows, before, after, ways = [] }: Props) {
  return (
    <section className={css.panel} aria-label={label}>
      {before}
      <PlainTable label={label} columns={columns} rows={rows} />
      {after}
      <Ways ways={ways} />
    </section>
  );
}

/** The ways on from a page of a longer list. */
export function Ways({ ways }: { ways: readonly (Way | null | false | undefined)[] }) {
  const shown = ways.filter((way) => !!way);
  if (shown.length === 0) return null;
  return (
    <nav className={css.ways} aria-label="Pages">
      {shown.map((way) => (
        <Link key={way.label} href={way.href} scroll={false} prefetch={false}>
          {way.label}
        </Link>
      ))}
    </nav>
  );
}

/** A second, quieter line of a cell. */
export function Second({ children }: { children: ReactNode }) {
  return <span className={css.second}>{children}</span>;
}
