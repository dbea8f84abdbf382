"use client";

import type { Route } from "next";
import type { ReactNode } from "react";
import { What } from "@/components/access/what";
import { KindIcon } from "@/components/kind-icon";
import css from "@/components/list/cells.module.css";
import { ListRows, type RowsPage } from "@/components/list/list-rows";
import type { CellSpec } from "@/components/list/list-table";
import { Name } from "@/components/name";
import { Badge, StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { lengthWords } from "@/lib/requests/labels";
import type { RequestRow } from "@/lib/requests/queries";

const cells: Record<string, CellSpec<RequestRow>> = {
  number: { width: 100, phone: "endUnder", cell: (row) => <span className="mono">R-{row.number}</span> },
  items: { phone: "lead", cell: (row) => <Items row={row} /> },
  subject: {
    width: 180,
    phone: "under",
    cell: (row) => (
      <span className={css.pair}>
        <KindIcon kind={row.subject.kind} />
        <Name value={row.subject.name} />
      </span>
    ),
  },
  state: { width: 180, phone: "end", cell: (row) => <State row={row} /> },
  waitsFor: { width: 180, cell: (row) => <WaitsFor row={row} /> },
  duration: { width: 90, cell: (row) => lengthWords(row) },
  reason: { width: 220, cell: (row) => <Name value={row.reason} /> },
  ticket: { width: 120, cell: (row) => (row.ticket ? <Name value={row.ticket} mono /> : null) },
  made: { width: 110, cell: (row) => <Time at={row.createdAt} /> },
};

type Props = { page: RowsPage<RequestRow>; total: ReactNode; children: ReactNode };

/** The rows of the requests. */
export function RequestTable({ page, total, children }: Props) {
  return (
    <ListRows
      page={page}
      total={total}
      cells={cells}
      nameOf={(row) => `R-${row.number}`}
      hrefOf={(row) => `/requests/${row.id}` as Route}
    >
      {children}
    </ListRows>
  );
}

function Items({ row }: { row: RequestRow }) {
  const [first] = row.items;
  if (!first) return <span className="dimmed">nothing is left of it</span>;
  return (
    <span className={css.systems}>
      <What {...first} />
      {row.itemCount > 1 ? <span className="dimmed">+{row.itemCount - 1}</span> : null}
    </span>
  );
}

function State({ row }: { row: RequestRow }) {
  if (row.state === "pending" && row.awaitsAnswer) return <Badge tone="amber">Asked back</Badge>;
  if (row.breakGlass) return <Badge tone="red">Glass broken</Badge>;
  return <StatusBadge of="request" state={row.state} />;
}

function WaitsFor({ row }: { row: RequestRow }) {
  if (row.waitsForCount === 0) return <span className="dimmed">nobody</span>;
  return (
    <span className={css.systems}>
      <Name value={row.waitsFor[0] ?? ""} />
      {row.waitsForCount > 1 ? <span className="dimmed">+{row.waitsForCount - 1}</span> : null}
    </span>
  );
}
