import type { Route } from "next";
import Link from "next/link";
import css from "@/components/access/access.module.css";
import { Isolated } from "@/components/isolated";
import { KindIcon } from "@/components/kind-icon";
import { Panel } from "@/components/panel";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { OffboardingRow } from "@/lib/offboarding/queries";

/** Who leaves and waits for a person: what they leave behind, what no system does by itself, what the brake holds. */
export function Leaving({ runs }: { runs: readonly OffboardingRow[] }) {
  return (
    <Panel title="Leaving and moving" aside="these runs wait for somebody" flush>
      <ul className={css.rows}>
        {runs.map((run) => (
          <li key={run.id} className={css.row}>
            <KindIcon kind={run.identity.kind} />
            <Link href={`/offboardings/${run.id}` as Route} className={css.grow}>
              O-{run.number}: <Isolated value={run.identity.name} />
            </Link>
            <span className="dimmed">{run.kind === "mover" ? "moved: what stays?" : waitsFor(run)}</span>
            <StatusBadge of="offboarding" state={run.state} />
            <Time at={run.createdAt} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function waitsFor({ openItems, troubled }: OffboardingRow): string {
  const left = openItems > 0 ? [`${openItems} left behind`] : [];
  const stuck = troubled > 0 ? [`${troubled} not gone`] : [];
  return [...left, ...stuck].join(", ");
}
