import { IconCircleMinus, IconCirclePlus, IconListDetails, IconPencil } from "@tabler/icons-react";
import type { Route } from "next";
import Link from "next/link";
import { EmptyState } from "@/components/empty-state";
import { HiddenByRole } from "@/components/hidden-by-role";
import { Isolated } from "@/components/isolated";
import { RefusalNote } from "@/components/refusal-note";
import { Time } from "@/components/time";
import { requireActor } from "@/lib/auth/current-actor";
import { type HistoryEntry, listIdentityHistory } from "@/lib/inventory/history-queries";
import { attempt } from "../../attempt";
import { historyWords } from "./history-words";
import css from "./identity.module.css";
import { hrefOf, type Search } from "./search";

/** What became of this identity, the newest first. */
export async function HistoryTab({ id, search }: { id: string; search: Search }) {
  const read = await attempt(async () => listIdentityHistory(await requireActor(), { id, cursor: search.cursor }));
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  const { items, nextCursor, hidden } = read.value;
  return (
    <section className={css.panel} aria-label="History">
      {items.length === 0 ? <EmptyState title="Nothing has become of it yet" /> : null}
      <ol className={css.history}>
        {items.map((entry) => (
          <li key={entry.key}>
            <Line entry={entry} />
          </li>
        ))}
      </ol>
      {hidden ? (
        <HiddenByRole count={null} noun={{ one: "event of the record", many: "events of the record" }} />
      ) : null}
      {search.cursor || nextCursor ? (
        <nav className={css.paging} aria-label="Pages">
          {search.cursor ? <Link href={hrefOf(id, search, { cursor: undefined })}>Newest</Link> : null}
          {nextCursor ? <Link href={hrefOf(id, search, { cursor: nextCursor })}>Older</Link> : null}
        </nav>
      ) : null}
    </section>
  );
}

function Line({ entry }: { entry: HistoryEntry }) {
  const words = historyWords(entry);
  return (
    <>
      <span className={css.historyIcon} data-way={entry.kind === "event" ? "event" : entry.way}>
        <Icon entry={entry} />
      </span>
      <span className={css.historyTime}>
        <Time at={entry.at} as="full" />
      </span>
      <span className={css.historyWords}>
        {words.lead}{" "}
        {words.names.map((name, index) => (
          <span key={name}>
            {index > 0 ? ", " : ""}
            <Isolated mono value={name} />
          </span>
        ))}
        {words.more > 0 ? ` and ${words.more} more` : ""}
        {words.tail ? <span className="dimmed"> {words.tail}</span> : null}
        {entry.event ? (
          <Link href={`/activity?event=${entry.event.id}` as Route} prefetch={false} className={css.historyLink}>
            in the record
          </Link>
        ) : null}
      </span>
    </>
  );
}

function Icon({ entry }: { entry: HistoryEntry }) {
  if (entry.kind === "event") return <IconListDetails size={16} stroke={1.7} aria-hidden />;
  if (entry.way === "came") return <IconCirclePlus size={16} stroke={1.7} aria-hidden />;
  if (entry.way === "went") return <IconCircleMinus size={16} stroke={1.7} aria-hidden />;
  return <IconPencil size={16} stroke={1.7} aria-hidden />;
}
