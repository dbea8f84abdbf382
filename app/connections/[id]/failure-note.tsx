import { ErrorNote } from "@/components/error-note";
import type { ConnectionDetail } from "@/lib/connections/queries";

/** Why the last sync failed; three in a row are said to be an alert. */
export function FailureNote({ connection }: { connection: ConnectionDetail }) {
  const error = connection.runs.find((run) => run.state === "failed")?.error;
  if (connection.failuresInRow === 0 || !error) return null;
  const times = connection.failuresInRow;
  const title =
    times >= 3
      ? `${connection.name} could not be read ${times} times in a row`
      : `${connection.name} could not be read`;
  return (
    <ErrorNote
      title={title}
      remedy={error.remedy ?? undefined}
      asOf={connection.lastReadAt ?? undefined}
      reference={error.reference ?? undefined}
    >
      {sentence(error.message)}{" "}
      {error.object && !error.message.includes(error.object) ? <code>{error.object}</code> : null}
    </ErrorNote>
  );
}

function sentence(text: string): string {
  const ended = /[.!?]$/.test(text) ? text : `${text}.`;
  return ended.charAt(0).toUpperCase() + ended.slice(1);
}
