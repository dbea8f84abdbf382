"use client";

import type { Route } from "next";
import type { ReactNode } from "react";
import { numberWords } from "@/components/count";
import { Environment } from "@/components/environment";
import { KindIcon } from "@/components/kind-icon";
import { LastUse } from "@/components/last-use";
import css from "@/components/list/cells.module.css";
import { ListRows, type RowsPage } from "@/components/list/list-rows";
import type { CellSpec } from "@/components/list/list-table";
import { Name } from "@/components/name";
import { Owner } from "@/components/owner";
import { Privilege } from "@/components/privilege";
import { useReaderFacts } from "@/components/reader";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { IdentityRow } from "@/lib/inventory/identity-list-queries";
import { criticalityLabels, kindLabels } from "@/lib/inventory/labels";
import { dayMs } from "@/lib/time";
import { BulkEdit } from "./bulk-edit";

const notSet = <span className="dimmed">not set</span>;

const cells: Record<string, CellSpec<IdentityRow>> = {
  name: {
    phone: "lead",
    cell: (row) => (
      <span className={css.lead}>
        <KindIcon kind={row.kind} />
        <Name value={row.name} strong />
      </span>
    ),
  },
  kind: { width: 130, cell: (row) => kindLabels[row.kind] },
  status: { width: 110, cell: (row) => <StatusBadge of="identity" state={row.status} /> },
  owner: { width: 170, phone: "endUnder", cell: (row) => <OwnerCell row={row} /> },
  environment: { width: 125, cell: (row) => <Environment value={row.environment} /> },
  criticality: { width: 95, cell: (row) => (row.criticality ? criticalityLabels[row.criticality] : notSet) },
  purpose: { width: 200, cell: (row) => row.purpose ?? notSet },
  privilege: { width: 125, phone: "end", cell: (row) => <Privilege level={row.privilege} /> },
  reaches: { width: 85, cell: (row) => numberWords(row.reaches) },
  accounts: { width: 175, cell: (row) => <Systems names={row.connections} /> },
  oldestCredential: { width: 100, cell: (row) => <KeyAge row={row} /> },
  lastUse: { width: 225, phone: "under", cell: (row) => <LastUse use={row.lastUse} /> },
  firstSeen: { width: 110, cell: (row) => <Time at={row.firstSeenAt} /> },
  email: { width: 210, cell: (row) => (row.email ? <Name value={row.email} /> : <span className="dimmed">none</span>) },
  department: { width: 150, cell: (row) => row.department ?? <span className="dimmed">none</span> },
};

type Props = {
  page: RowsPage<IdentityRow>;
  total: ReactNode;
  mayEdit: boolean;
  children: ReactNode;
};

/** The rows of the identities, what can be done with those that are selected, and the ways on. */
export function IdentityTable({ page, total, mayEdit, children }: Props) {
  return (
    <ListRows
      page={page}
      total={total}
      cells={cells}
      nameOf={(row) => row.name}
      hrefOf={(row) => `/identities/${row.id}` as Route}
      bulk={mayEdit ? <BulkEdit /> : undefined}
    >
      {children}
    </ListRows>
  );
}

// People own themselves: for them an owner is nothing to miss.
function OwnerCell({ row }: { row: IdentityRow }) {
  if (row.owner === null && row.kind === "human") return <span className="dimmed">themself</span>;
  return <Owner name={row.owner?.name ?? null} />;
}

function Systems({ names }: { names: readonly string[] }) {
  const [first, ...others] = names;
  if (first === undefined) return <span className="dimmed">none</span>;
  return (
    <span className={css.systems} data-tip={others.length > 0 ? names.join("\n") : undefined}>
      <Name value={first} mono />
      {others.length > 0 ? <span className="dimmed">+{numberWords(others.length)}</span> : null}
    </span>
  );
}

// Older than a year asks for somebody.
function KeyAge({ row }: { row: IdentityRow }) {
  const { nowMs } = useReaderFacts();
  if (row.oldestCredentialAt === null)
    return <span className="dimmed">{row.credentialCount > 0 ? "unknown" : "no key"}</span>;
  const old = nowMs - Date.parse(row.oldestCredentialAt) > 365 * dayMs;
  return <Time at={row.oldestCredentialAt} as="age" className={old ? css.old : undefined} />;
}
