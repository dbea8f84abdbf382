import { numberWords } from "@/components/count";
import { EmptyState } from "@/components/empty-state";
import { Isolated } from "@/components/isolated";
import { Panel } from "@/components/panel";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { SyncRunRow } from "@/lib/connections/schema";
import type { SyncState } from "@/lib/connections/states";
import css from "../connections.module.css";
import { durationWords, kindName } from "../words";

/** The last syncs: what each added, changed and removed, and what it had to leave out. */
export function SyncHistory({ runs }: { runs: readonly SyncRunRow[] }) {
  return (
    <Panel title="Syncs" aside={runs.length === 20 ? "the last 20" : String(runs.length)} flush>
      {runs.length === 0 ? <EmptyState title="Not read yet">The first sync has not been ordered.</EmptyState> : null}
      <ol className={css.lines}>
        {runs.map((run) => (
          <li key={run.id}>
            <Run run={run} />
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function Run({ run }: { run: SyncRunRow }) {
  const took = durationWords(run);
  return (
    <>
      <div className={css.lineHead}>
        <StatusBadge of="sync" state={run.state as SyncState} />
        <Time at={run.startedAt ?? run.createdAt} />
        <span className="dimmed">
          {took ? `${took}, ` : ""}by <Isolated value={run.requestedBy} />
        </span>
      </div>
      {run.state === "done" ? <Changes run={run} /> : null}
      {run.error ? <span>{run.error.message}</span> : null}
      {run.problemCount > 0 ? <Problems run={run} /> : null}
    </>
  );
}

function Changes({ run }: { run: SyncRunRow }) {
  const changed = Object.entries(run.result ?? {}).filter(([, part]) => part.added + part.changed + part.removed > 0);
  if (changed.length === 0) return <span className="dimmed">Nothing had changed.</span>;
  return (
    <div className={css.kinds}>
      {changed.map(([kind, part]) => (
        <span key={kind}>
          {kindName(kind)} {partWords(part)}
        </span>
      ))}
    </div>
  );
}

function partWords({ added, changed, removed }: { added: number; changed: number; removed: number }): string {
  const parts = [
    added > 0 ? `+${numberWords(added)}` : "",
    changed > 0 ? `${numberWords(changed)} changed` : "",
    removed > 0 ? `−${numberWords(removed)}` : "",
  ];
  return parts.filter(Boolean).join(", ");
}

function Problems({ run }: { run: SyncRunRow }) {
  return (
    <details>
      <summary>{numberWords(run.problemCount)} left out</summary>
      <ul>
        {run.problems.slice(0, 50).map((problem) => (
          <li key={`${problem.object} ${problem.message}`}>
            {problem.object ? (
              <>
                <Isolated mono value={problem.object} />:{" "}
              </>
            ) : null}
            {problem.message} <span className="dimmed">{problem.remedy}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
