import type { Route } from "next";
import Link from "next/link";
import css from "@/components/access/access.module.css";
import { Isolated } from "@/components/isolated";
import { KindIcon } from "@/components/kind-icon";
import { Panel } from "@/components/panel";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { OffboardingRow } from "@/lib/offboarding/queries";
import { mostShown } from "@/lib/offboarding/waiting-queries";

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
            <span className="dimmed">{waitsFor(run)}</span>
            <StatusBadge of="offboarding" state={run.state} />
            <Time at={run.createdAt} />
          </li>
        ))}
      </ul>
      {runs.length >= mostShown ? (
        <p className={css.note}>
          There may be more: <Link href="/offboardings?open=true">all open runs</Link>
        </p>
      ) : null}
    </Panel>
  );
}

function waitsFor({ kind, state, openItems, troubled, hiredAgain }: OffboardingRow): string {
  if (state === "paused_by_brake") return "the brake holds it";
  if (kind === "mover") return troubled > 0 ? `moved: what stays? ${troubled} to take by hand` : "moved: what stays?";
  const left = openItems > 0 ? [`${openItems} left behind`] : [];
  const stuck = troubled > 0 ? [`${troubled} not gone`] : [];
  const back = hiredAgain ? ["hired again?"] : [];
  return [...back, ...left, ...stuck].join(", ");
}
