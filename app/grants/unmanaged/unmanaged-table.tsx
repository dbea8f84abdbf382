"use client";

import type { Route } from "next";
import type { ReactNode } from "react";
import { What } from "@/components/access/what";
import { KindIcon } from "@/components/kind-icon";
import css from "@/components/list/cells.module.css";
import { ListRows, type RowsPage } from "@/components/list/list-rows";
import type { CellSpec } from "@/components/list/list-table";
import { Name } from "@/components/name";
import { Privilege } from "@/components/privilege";
import { Time } from "@/components/time";
import type { UnmanagedRow } from "@/lib/grants/unmanaged-queries";

const cells: Record<string, CellSpec<UnmanagedRow>> = {
  access: { phone: "lead", cell: (row) => <What permission={row.permission} resource={row.resource.name} /> },
  holder: { width: 200, phone: "under", cell: (row) => <Holder row={row} /> },
  account: { width: 170, cell: (row) => <Name value={row.account.name} mono /> },
  connection: { width: 140, phone: "endUnder", cell: (row) => <Name value={row.connection.name} mono /> },
  privilege: { width: 125, phone: "end", cell: (row) => <Privilege level={row.privilege} /> },
  grantedBy: {
    width: 150,
    cell: (row) => (row.grantedBy ? <Name value={row.grantedBy} mono /> : <span className="dimmed">not told</span>),
  },
  firstSeen: { width: 120, cell: (row) => <Time at={row.firstSeenAt} /> },
};

type Props = { page: RowsPage<UnmanagedRow>; total: ReactNode; children: ReactNode };

/** The rows of what nobody here can explain; each leads to who holds it. */
export function UnmanagedTable({ page, total, children }: Props) {
  return (
    <ListRows
      page={page}
      total={total}
      cells={cells}
      nameOf={(row) => `${row.resource.name} of ${row.holder?.name ?? row.account.name}`}
      hrefOf={(row) => (row.holder ? (`/identities/${row.holder.id}` as Route) : null)}
    >
      {children}
    </ListRows>
  );
}

function Holder({ row }: { row: UnmanagedRow }) {
  return (
    <span className={css.pair}>
      <KindIcon kind={row.holder?.kind ?? "unmatched"} />
      {row.holder ? <Name value={row.holder.name} /> : <span className="dimmed">nobody known</span>}
    </span>
  );
}
