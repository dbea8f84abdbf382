import { IconCircleMinus, IconCirclePlus } from "@tabler/icons-react";
import Link from "next/link";
import { EmptyState } from "@/components/empty-state";
import { Isolated } from "@/components/isolated";
import { RefusalNote } from "@/components/refusal-note";
import { Time } from "@/components/time";
import { requireActor } from "@/lib/auth/current-actor";
import type { HistoryEntry } from "@/lib/inventory/history";
import { listResourceHistory } from "@/lib/inventory/resource-queries";
import { attempt } from "../../attempt";
import css from "./resource.module.css";
import { hrefOf, type Search } from "./search";

/** Who was given and who lost a permission on this resource, the newest first. */
export async function HistoryTab({ id, search }: { id: string; search: Search }) {
  const read = await attempt(async () => listResourceHistory(await requireActor(), { id, cursor: search.cursor }));
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const { items, nextCursor } = read.value;
  if (items.length === 0) return <EmptyState title="Nothing has become of it yet" />;
  return (
    <section className={css.panel} aria-label="History">
      <ol className={css.history}>
        {items.map((entry) => (
          <li key={`${entry.key}${entry.at.toISOString()}`}>
            <span data-way={entry.way}>
              {entry.way === "came" ? (
                <IconCirclePlus size={16} stroke={1.7} aria-hidden />
              ) : (
                <IconCircleMinus size={16} stroke={1.7} aria-hidden />
              )}
            </span>
            <span className="dimmed">
              <Time at={entry.at} as="full" />
            </span>
            <Words entry={entry} />
          </li>
        ))}
      </ol>
      {search.cursor || nextCursor ? (
        <nav className={css.paging} aria-label="Pages">
          {search.cursor ? <Link href={hrefOf(id, search)}>Newest</Link> : null}
          {nextCursor ? <Link href={hrefOf(id, search, { cursor: nextCursor })}>Older</Link> : null}
        </nav>
      ) : null}
    </section>
  );
}

function Words({ entry }: { entry: HistoryEntry }) {
  if (entry.permission === null) return <span>{entry.way === "came" ? "Seen for the first time" : "Gone"}</span>;
  const more = entry.count - entry.holders.length;
  return (
    <span>
      <Isolated mono value={entry.permission} /> {entry.way === "came" ? "given to" : "taken from"}{" "}
      {entry.holders.map((holder, index) => (
        <span key={holder}>
          {index > 0 ? ", " : ""}
          <Isolated mono value={holder} />
        </span>
      ))}
      {more > 0 ? ` and ${more} more` : ""}
    </span>
  );
}
