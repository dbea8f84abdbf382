"use client";

import type { Route } from "next";
import { type ReactNode, useMemo } from "react";
import { KindIcon } from "@/components/kind-icon";
import { LastUse } from "@/components/last-use";
import css from "@/components/list/cells.module.css";
import { ListRows, type RowsPage } from "@/components/list/list-rows";
import type { CellSpec } from "@/components/list/list-table";
import { Name } from "@/components/name";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { AccountRow } from "@/lib/inventory/account-list-queries";
import { MatchCell } from "./match-cell";

const none = <span className="dimmed">none</span>;

const cellsFor = (mayMatch: boolean): Record<string, CellSpec<AccountRow>> => ({
  name: {
    phone: "lead",
    cell: (row) => (
      <span className={css.lead}>
        <KindIcon kind={row.identity?.kind ?? "unmatched"} />
        <Name value={row.name} strong />
        {row.identity === null && row.displayName && row.displayName !== row.name ? (
          <span className="dimmed">
            <Name value={row.displayName} />
          </span>
        ) : null}
      </span>
    ),
  },
  connection: { width: 135, phone: "end", cell: (row) => <Name value={row.connection.name} mono /> },
  email: { width: 190, cell: (row) => (row.email ? <Name value={row.email} /> : none) },
  identity: { width: 240, phone: "endUnder", cell: (row) => <MatchCell row={row} mayMatch={mayMatch} /> },
  status: { width: 115, cell: (row) => <StatusBadge of="account" state={row.status} /> },
  lastUse: { width: 190, phone: "under", cell: (row) => <LastUse use={row.lastUse} /> },
  firstSeen: { width: 110, cell: (row) => <Time at={row.firstSeenAt} /> },
  externalId: { width: 200, cell: (row) => <Name value={row.externalId} mono /> },
});

type Props = {
  page: RowsPage<AccountRow>;
  total: ReactNode;
  mayMatch: boolean;
  children: ReactNode;
};

/** The rows of the accounts; one that belongs to nobody is matched here. */
export function AccountTable({ page, total, mayMatch, children }: Props) {
  const cells = useMemo(() => cellsFor(mayMatch), [mayMatch]);
  return (
    <ListRows
      page={page}
      total={total}
      cells={cells}
      nameOf={(row) => row.name}
      hrefOf={(row) => (row.identity ? (`/identities/${row.identity.id}` as Route) : null)}
    >
      {children}
    </ListRows>
  );
}
