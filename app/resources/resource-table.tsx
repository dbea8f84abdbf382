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
  parent: { width: 170, cell: (row) => (row.parent ? <Parent parent={row.parent} /> : none) },
  owner: { width: 180, phone: "endUnder", cell: (row) => <Owner name={row.owner?.name ?? null} /> },
  entitlements: { width: 110, cell: (row) => numberWords(row.entitlementCount) },
  holders: { width: 130, cell: (row) => <Count value={row.holderCount} capped={row.holderCount >= 1_000} /> },
  firstSeen: { width: 120, cell: (row) => <Time at={row.firstSeenAt} /> },
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

function Parent({ parent }: { parent: { id: string; name: string } }) {
  return (
    <Link href={`/resources/${parent.id}` as Route} prefetch={false} className={css.pair}>
      <Name value={parent.name} mono />
    </Link>
  );
}
