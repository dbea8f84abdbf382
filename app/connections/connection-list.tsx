import Link from "next/link";
import { numberWords } from "@/components/count";
import { Environment } from "@/components/environment";
import { UseLine } from "@/components/last-use";
import { Name } from "@/components/name";
import { Owner } from "@/components/owner";
import { Badge, StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import type { ConnectionRow } from "@/lib/connections/schema";
import css from "./connections.module.css";
import { coverageLines, environmentOf, hoursOld } from "./words";

type Row = ConnectionRow & { label: string };

/** Every connected system: how it is, how fresh, what it tells of use, and how much came from it. */
export function ConnectionList({ connections, nowMs }: { connections: readonly Row[]; nowMs: number }) {
  return (
    <div className={`${css.scroll} ${css.edge}`}>
      <table className={`${css.table} ${css.list}`}>
        <thead>
          <tr>
            <th scope="col">Connection</th>
            <th scope="col">Status</th>
            <th scope="col">Environment</th>
            <th scope="col">Owner</th>
            <th scope="col">Last read</th>
            <th scope="col">Next</th>
            <th scope="col">Tells of use</th>
            <th scope="col" className={css.number}>
              Accounts
            </th>
            <th scope="col" className={css.number}>
              Unmatched
            </th>
          </tr>
        </thead>
        <tbody>
          {connections.map((connection) => (
            <Line key={connection.id} connection={connection} nowMs={nowMs} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Line({ connection, nowMs }: { connection: Row; nowMs: number }) {
  return (
    <tr>
      <td>
        <span className={css.name}>
          <Link href={`/connections/${connection.id}`}>
            <Name value={connection.name} />
          </Link>
          <span className="dimmed">{connection.label}</span>
        </span>
      </td>
      <td data-phone="end">
        <ConnectionStatus connection={connection} nowMs={nowMs} />
      </td>
      <td data-phone="no">
        <Environment value={environmentOf(connection.environment)} />
      </td>
      <td data-phone="no">
        <Owner name={connection.owner?.name ?? null} />
      </td>
      <td>{connection.lastReadAt ? <Time at={connection.lastReadAt} /> : <span className="dimmed">not yet</span>}</td>
      <td data-phone="no">
        {connection.nextSyncAt ? <Time at={connection.nextSyncAt} /> : <span className="dimmed">by hand</span>}
      </td>
      <td data-phone="no">
        <UseCoverage coverage={connection.coverage} />
      </td>
      <td className={css.number} data-phone="end">
        {numberWords(connection.accountCount)}
        <span className={css.phoneOnly}> accounts</span>
      </td>
      <td className={css.number} data-phone="no">
        {connection.unmatchedCount > 0 ? (
          <Link href={`/accounts?unmatched=true&connection=${encodeURIComponent(connection.name)}`}>
            {numberWords(connection.unmatchedCount)}
          </Link>
        ) : (
          <span className="dimmed">none</span>
        )}
      </td>
    </tr>
  );
}

/** The state of a connection; one that was read, but not lately, says how long ago. */
export function ConnectionStatus({
  connection,
  nowMs,
}: {
  connection: Pick<ConnectionRow, "status" | "lastReadAt" | "failuresInRow">;
  nowMs: number;
}) {
  const hours = hoursOld(connection, nowMs);
  if (hours !== null) return <Badge tone="amber">{hours} h old</Badge>;
  return <StatusBadge of="connection" state={connection.status} />;
}

function UseCoverage({ coverage }: { coverage: ConnectionRow["coverage"] }) {
  const known = coverageLines(coverage).filter((line) => line.state === "used");
  if (known.length === 0) {
    return (
      <span className={`${css.coverage} dimmed`}>
        <UseLine state="unknown" /> unknown
      </span>
    );
  }
  return (
    <span className={css.coverage}>
      <UseLine state="used" /> {known.flatMap((line) => line.subjects).join(", ")}
    </span>
  );
}
