import { IconCircleMinus, IconCirclePlus } from "@tabler/icons-react";
import { EmptyState } from "@/components/empty-state";
import { Isolated } from "@/components/isolated";
import { RefusalNote } from "@/components/refusal-note";
import { TablePanel } from "@/components/table-panel";
import { Time } from "@/components/time";
import { requireActor } from "@/lib/auth/current-actor";
import { listGroupHistory } from "@/lib/inventory/group-history";
import type { HistoryEntry } from "@/lib/inventory/history";
import { attempt } from "../../attempt";
import css from "./group.module.css";
import { hrefOf, type Search } from "./search";

const columns = [
  { key: "at", label: "When" },
  { key: "what", label: "What became of it" },
] as const;

/** Who came into the group and left it, and what it was given and lost, the newest first. */
export async function HistoryTab({ id, search }: { id: string; search: Search }) {
  const read = await attempt(async () => listGroupHistory(await requireActor(), { id, cursor: search.cursor }));
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const { items, nextCursor } = read.value;
  if (items.length === 0) return <EmptyState title="Nothing has become of it yet" />;
  return (
    <TablePanel
      label="History"
      columns={columns}
      rows={items.map((entry) => ({
        key: `${entry.key}${entry.at.toISOString()}`,
        cells: { at: <Time at={entry.at} as="full" />, what: <Words entry={entry} /> },
      }))}
      ways={[
        search.cursor ? { label: "Newest", href: hrefOf(id, "history") } : null,
        nextCursor ? { label: "Older", href: hrefOf(id, "history", nextCursor) } : null,
      ]}
    />
  );
}

function Words({ entry }: { entry: HistoryEntry }) {
  const { way, permission, holders, count } = entry;
  const more = count - holders.length;
  const Icon = way === "came" ? IconCirclePlus : IconCircleMinus;
  return (
    <span className={css.words} data-way={way}>
      <Icon size={16} stroke={1.7} aria-hidden />
      <span>
        {permission === null ? (way === "came" ? "came in: " : "left: ") : null}
        {permission === null ? null : (
          <>
            {way === "came" ? "given " : "lost "}
            <Isolated mono value={permission} /> on{" "}
          </>
        )}
        {holders.map((holder, index) => (
          <span key={holder}>
            {index > 0 ? ", " : ""}
            <Isolated mono value={holder} />
          </span>
        ))}
        {more > 0 ? ` and ${more} more` : ""}
      </span>
    </span>
  );
}
