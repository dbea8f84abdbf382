"use client";

import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { KindIcon } from "@/components/kind-icon";
import { LastUse } from "@/components/last-use";
import css from "@/components/list/cells.module.css";
import { ListRows, type RowsPage } from "@/components/list/list-rows";
import type { CellSpec } from "@/components/list/list-table";
import { Name } from "@/components/name";
import { useReaderFacts } from "@/components/reader";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { CredentialRow } from "@/lib/inventory/credential-list-queries";
import { credentialKindLabels } from "@/lib/inventory/labels";
import { dayMs } from "@/lib/time";

const cells: Record<string, CellSpec<CredentialRow>> = {
  name: { phone: "lead", cell: (row) => <Name value={row.name} mono /> },
  kind: { width: 160, phone: "end", cell: (row) => credentialKindLabels[row.kind] },
  identity: { width: 200, phone: "endUnder", cell: (row) => <IdentityCell row={row} /> },
  account: { width: 150, cell: (row) => <Name value={row.account.name} mono /> },
  connection: { width: 125, cell: (row) => <Name value={row.connection.name} mono /> },
  status: { width: 110, cell: (row) => <StatusBadge of="credential" state={row.status} /> },
  made: { width: 80, cell: (row) => <Age row={row} /> },
  expires: { width: 110, cell: (row) => <Ends row={row} /> },
  lastUse: { width: 200, phone: "under", cell: (row) => <LastUse use={row.lastUse} /> },
  firstSeen: { width: 110, cell: (row) => <Time at={row.firstSeenAt} /> },
};

type Props = {
  page: RowsPage<CredentialRow>;
  total: ReactNode;
  children: ReactNode;
};

/** The rows of the credentials; each opens the identity whose it is. */
export function CredentialTable({ page, total, children }: Props) {
  return (
    <ListRows
      page={page}
      total={total}
      cells={cells}
      nameOf={(row) => row.name}
      hrefOf={(row) => (row.identity ? (`/identities/${row.identity.id}?tab=credentials` as Route) : null)}
    >
      {children}
    </ListRows>
  );
}

function IdentityCell({ row }: { row: CredentialRow }) {
  if (!row.identity)
    return (
      <span className={css.pair}>
        <KindIcon kind="unmatched" worded />
        <span className="dimmed">unmatched</span>
      </span>
    );
  return (
    <Link href={`/identities/${row.identity.id}` as Route} prefetch={false} className={css.pair}>
      <KindIcon kind={row.identity.kind} />
      <Name value={row.identity.name} />
    </Link>
  );
}

// Older than a year asks for somebody.
function Age({ row }: { row: CredentialRow }) {
  const { nowMs } = useReaderFacts();
  if (row.madeAt === null) return <span className="dimmed">unknown</span>;
  const old = nowMs - Date.parse(row.madeAt) > 365 * dayMs;
  return <Time at={row.madeAt} as="age" className={old ? css.old : undefined} />;
}

// What ends within a month, or ended and is still called active, asks for somebody.
function Ends({ row }: { row: CredentialRow }) {
  const { nowMs } = useReaderFacts();
  if (row.expiresAt === null) return <span className="dimmed">no end</span>;
  const soon = row.status === "active" && Date.parse(row.expiresAt) - nowMs < 30 * dayMs;
  return <Time at={row.expiresAt} className={soon ? css.old : undefined} />;
}
