"use client";

import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { Count, numberWords } from "@/components/count";
import css from "@/components/list/cells.module.css";
import { ListRows, type RowsPage } from "@/components/list/list-rows";
import type { CellSpec } from "@/components/list/list-table";
import { Name } from "@/components/name";
import { Owner } from "@/components/owner";
import { Time } from "@/components/time";
import type { ResourceRow } from "@/lib/inventory/resource-list-queries";
import { SetOwners } from "./set-owners";

const none = <span className="dimmed">none</span>;

const cells: Record<string, CellSpec<ResourceRow>> = {
  name: { phone: "lead", cell: (row) => <Name value={row.name} mono strong /> },
  type: { width: 120, phone: "end", cell: (row) => <Name value={row.type} /> },
  connection: { width: 150, phone: "under", cell: (row) => <Name value={row.connection.name} mono /> },
  parent: { width: 150, cell: (row) => (row.parent ? <Parent parent={row.parent} /> : none) },
  owner: { width: 165, phone: "endUnder", cell: (row) => <OwnerCell row={row} /> },
  entitlements: { width: 110, cell: (row) => numberWords(row.entitlementCount) },
  holders: { width: 120, cell: (row) => <Count value={row.holderCount} capped={row.holderCount >= 1_000} /> },
  firstSeen: { width: 100, cell: (row) => <Time at={row.firstSeenAt} /> },
};

type Props = {
  page: RowsPage<ResourceRow>;
  total: ReactNode;
  mayEdit: boolean;
  children: ReactNode;
};

/** The rows of the resources, and saying who answers for those that are selected. */
export function ResourceTable({ page, total, mayEdit, children }: Props) {
  return (
    <ListRows
      page={page}
      total={total}
      cells={cells}
      nameOf={(row) => row.name}
      hrefOf={(row) => `/resources/${row.id}` as Route}
      bulk={mayEdit ? <SetOwners /> : undefined}
    >
      {children}
    </ListRows>
  );
}

// Where it has none itself, somebody above answers for it, and nobody need set one.
function OwnerCell({ row: { owner, ownerAbove } }: { row: ResourceRow }) {
  if (owner || !ownerAbove) return <Owner name={owner?.name ?? null} />;
  return (
    <span className="dimmed" data-tip="The owner of what it lies in, or of the system">
      <Name value={ownerAbove} />
    </span>
  );
}

function Parent({ parent }: { parent: { id: string; name: string } }) {
  return (
    <Link href={`/resources/${parent.id}` as Route} prefetch={false} className={css.pair}>
      <Name value={parent.name} mono />
    </Link>
  );
}
