import type { Route } from "next";
import Link from "next/link";
import css from "@/components/access/access.module.css";
import { What } from "@/components/access/what";
import { LinkButton } from "@/components/link-button";
import { Panel } from "@/components/panel";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { lengthWords } from "@/lib/requests/labels";
import type { RequestRow } from "@/lib/requests/queries";

/** What the reader asked for before, and the way to ask for it again. */
export function Lately({ rows }: { rows: RequestRow[] }) {
  if (rows.length === 0) return null;
  return (
    <Panel
      title="Lately"
      aside="what you asked for before"
      action={
        <Link href="/requests?mine=true" prefetch={false}>
          My requests
        </Link>
      }
      flush
    >
      <ul className={css.rows}>
        {rows.map((row) => (
          <li key={row.id} className={css.row}>
            <Link href={`/requests/${row.id}` as Route} prefetch={false} className={css.grow}>
              {row.items[0] ? <What {...row.items[0]} /> : `R-${row.number}`}
              {row.itemCount > 1 ? ` +${row.itemCount - 1}` : ""}, {lengthWords(row)}
            </Link>
            <StatusBadge of="request" state={row.state} />
            <span className="dimmed">
              <Time at={row.createdAt} />
            </span>
            <LinkButton
              href={`/ask?q=${encodeURIComponent(row.items[0]?.resource ?? "")}` as Route}
              variant="default"
              size="compact-sm"
              aria-label={`Again: ${row.items[0]?.resource ?? ""}`}
            >
              Again
            </LinkButton>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
