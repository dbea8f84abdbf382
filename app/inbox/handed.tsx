import type { Route } from "next";
import Link from "next/link";
import css from "@/components/access/access.module.css";
import { Isolated } from "@/components/isolated";
import { Panel } from "@/components/panel";
import { Time } from "@/components/time";
import type { HandedRow } from "@/lib/offboarding/handed-queries";
import { itemKindLabels } from "@/lib/offboarding/labels";

/** What was handed to the reader because somebody leaves, from whom and by whom. */
export function Handed({ rows }: { rows: readonly HandedRow[] }) {
  if (rows.length === 0) return null;
  return (
    <div id="handed">
      <Panel title="Handed to you" aside="in the last 30 days: it is yours, nothing is to be done here" flush>
        <ul className={css.rows}>
          {rows.map((row) => (
            <li key={row.id} className={css.row}>
              <span className={css.grow}>
                <span className="dimmed">{itemKindLabels[row.kind]}</span> <What row={row} />
              </span>
              <span className="dimmed">
                was <Isolated value={row.from} />
                ’s, handed by <Isolated value={row.handedBy} />
              </span>
              <Time at={row.handedAt} />
            </li>
          ))}
        </ul>
      </Panel>
    </div>
  );
}

// What a member may open.
const pages: Partial<Record<HandedRow["kind"], string>> = {
  owned_identity: "/identities",
  backup_owner: "/identities",
  report: "/identities",
  approval: "/requests",
};

function What({ row: { kind, subjectId, name } }: { row: HandedRow }) {
  const page = pages[kind];
  if (!page) return <Isolated value={name} />;
  return (
    <Link href={`${page}/${subjectId}` as Route} prefetch={false}>
      <Isolated value={name} />
    </Link>
  );
}
