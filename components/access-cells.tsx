import { IconAlertTriangle } from "@tabler/icons-react";
import type { Route } from "next";
import type { ReactNode } from "react";
import {
  type AccessOrder,
  accessOrders,
  type IdentityAccessEntry,
  type ResourceAccessEntry,
} from "@/lib/access/schema";
import css from "./access-cells.module.css";
import { ShortestPath } from "./access-path";
import { Isolated } from "./isolated";
import { LastUse } from "./last-use";
import type { PlainColumn } from "./plain-table";
import { Privilege } from "./privilege";
import { Reasons } from "./reasons";

type Entry = IdentityAccessEntry | ResourceAccessEntry;

const labels = {
  identity: "Identity",
  permission: "Permission",
  resource: "Resource",
  privilege: "Privilege",
  path: "Path",
  lastUse: "Last use",
  because: "Stands because",
} as const;
const shares = {
  identity: 20,
  permission: 16,
  resource: 20,
  privilege: 10,
  path: 25,
  lastUse: 18,
  because: 12,
} as const;

/** The columns of a table of access, from either end; all but the path and the reasons order it. */
export function accessColumns(
  leading: readonly ("identity" | "permission" | "resource")[],
  sort: { by: string | undefined; href: (sort: AccessOrder) => Route },
): PlainColumn[] {
  const names = [...leading, "privilege", "path", "lastUse", "because"] as const;
  return names.map((name) => {
    const column = { key: name, label: labels[name], share: shares[name] };
    const order = accessOrders.find((one) => one === name);
    if (!order) return column;
    // Privilege and use are asked for from the most, names from A.
    const first = order === "privilege" || order === "lastUse" ? (`-${order}` as const) : order;
    const other = first === order ? (`-${order}` as const) : order;
    const direction = sort.by === order ? "ascending" : sort.by === `-${order}` ? "descending" : null;
    return { ...column, sort: { href: sort.href(sort.by === first ? other : first), direction } };
  });
}

/** What both ends say of one access: how much, by which way, when used, and why it stands. */
export function accessCells(entry: Entry): Record<"privilege" | "path" | "lastUse" | "because", ReactNode> {
  return {
    privilege: <Privilege level={entry.privilege} />,
    path: <ShortestPath entry={entry} />,
    lastUse: <LastUse use={entry.lastUse} />,
    because: <Reasons reasons={entry.justifications} />,
  };
}

/** What the system itself would still check. */
export function Condition({ text }: { text: string | null }) {
  if (text === null) return null;
  return (
    <span className={css.condition} data-tip={text}>
      <IconAlertTriangle size={13} stroke={1.7} aria-hidden /> only if <Isolated value={text} />
    </span>
  );
}
