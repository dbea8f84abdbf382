"use client";

import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { GrantBadge } from "@/components/access/grant-badge";
import { What } from "@/components/access/what";
import { KindIcon } from "@/components/kind-icon";
import css from "@/components/list/cells.module.css";
import { ListRows, type RowsPage } from "@/components/list/list-rows";
import type { CellSpec } from "@/components/list/list-table";
import { Name } from "@/components/name";
import { Privilege } from "@/components/privilege";
import { Badge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { GrantRow } from "@/lib/grants/grant-rows";
import { driftLabels, wayLabels } from "@/lib/grants/labels";
import { RevokeSelected } from "./revoke-selected";

const cells: Record<string, CellSpec<GrantRow>> = {
  access: { phone: "lead", cell: (row) => <What permission={row.permission} resource={row.resource.name} /> },
  subject: {
    width: 190,
    phone: "under",
    cell: (row) => (
      <span className={css.pair}>
        <KindIcon kind={row.subject.kind} />
        <Name value={row.subject.name} />
      </span>
    ),
  },
  connection: { width: 130, phone: "endUnder", cell: (row) => <Name value={row.connection.name} mono /> },
  state: { width: 210, phone: "end", cell: (row) => <State row={row} /> },
  privilege: { width: 110, cell: (row) => <Privilege level={row.privilege} /> },
  give: { width: 150, cell: (row) => wayLabels[row.give] },
  request: { width: 90, cell: (row) => <RequestLink row={row} /> },
  made: { width: 110, cell: (row) => <Time at={row.createdAt} /> },
  ends: { width: 110, cell: (row) => (row.endsAt ? <Time at={row.endedAt ?? row.endsAt} /> : null) },
};

type Props = { page: RowsPage<GrantRow>; total: ReactNode; children: ReactNode };

/** The rows of the grants; those that are selected can be ended together. */
export function GrantTable({ page, total, children }: Props) {
  return (
    <ListRows
      page={page}
      total={total}
      cells={cells}
      nameOf={(row) => `${row.resource.name} of ${row.subject.name}`}
      hrefOf={(row) => `/grants/${row.id}` as Route}
      bulk={<RevokeSelected />}
    >
      {children}
    </ListRows>
  );
}

function State({ row }: { row: GrantRow }) {
  if (row.drift && row.state !== "resurrected") return <Badge tone="amber">{driftLabels[row.drift]}</Badge>;
  return <GrantBadge state={row.state} endsAt={row.endsAt} endedBecause={row.endedBecause} />;
}

function RequestLink({ row }: { row: GrantRow }) {
  if (row.requestId === null) return null;
  return (
    <Link href={`/requests/${row.requestId}` as Route} prefetch={false} className="mono">
      R-{row.requestNumber}
    </Link>
  );
}
