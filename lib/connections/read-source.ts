import { openSecrets } from "../auth/seal-secrets";
import type { Connector, ReadEvent } from "../connectors/contract";
import { db } from "../db/client";
import { AppError } from "../errors";
import { now, nowMs } from "../time";
import { connectorOf } from "./connector-of";
import { parseSettings } from "./parse-settings";
import { type Checkpoint, jsonOf, type Reading, type Run } from "./reading";

const progressEveryMs = 500;

/** Where the observations of a run come from: the system itself, or a file that streams by. */
export type Source = (
  connector: Connector,
  context: { settings: unknown; secrets: unknown; signal: AbortSignal; cursor: unknown; now: Date },
) => AsyncIterable<ReadEvent>;

/** The source of an ordinary sync: the connector's own `read`. */
export const readSystem: Source = (connector, context) => {
  if (!connector.read)
    throw new AppError("invalid", `${connector.label} is read from files, not from a live system`, {
      remedy: "Import a file.",
    });
  return connector.read(context);
};

/** Reads the source into staging, noting checkpoints and telling the progress. */
export async function readSource(
  run: Run,
  claim: string,
  source: Source,
  reading: Reading & { cursor: unknown; signal: AbortSignal },
): Promise<void> {
  const connector = connectorOf(run.connection.connector);
  const { settings, secrets } = parseSettings(connector, {
    settings: run.connection.settings as Record<string, unknown>,
    secrets: openSecrets(run.connection.secrets, run.connectionId),
  });
  const { staging, cursor, signal } = reading;
  let toldAt = 0;
  for await (const event of source(connector, { settings, secrets, signal, cursor, now: now() })) {
    if (event.type === "observations") await staging.add(event.items);
    else await note(run, claim, event, reading);
    if (nowMs() - toldAt >= progressEveryMs || nowMs() < toldAt) {
      toldAt = nowMs();
      await tell(run.id, claim, reading);
    }
  }
  await staging.flushAll();
  await tell(run.id, claim, reading);
}

async function note(
  run: Run,
  claim: string,
  event: Exclude<ReadEvent, { type: "observations" }>,
  reading: Reading,
): Promise<void> {
  if (event.type === "ended") reading.ended.add(event.kind);
  else if (event.type === "problem") reading.staging.problem(event.message, event.object ?? null, event.remedy ?? null);
  else if (event.type === "coverage") reading.coverage[event.coverage.subject] = event.coverage;
  else if (event.type === "invisible")
    reading.invisible.push({ what: event.what, because: event.because, remedy: event.remedy });
  else {
    await reading.staging.flushAll();
    const checkpoint: Checkpoint = {
      cursor: event.cursor ?? null,
      ended: [...reading.ended],
      read: reading.staging.read,
      coverage: reading.coverage,
      invisible: reading.invisible,
    };
    await db().syncRun.updateMany({ where: { id: run.id, claim }, data: { checkpoint: jsonOf(checkpoint) } });
  }
}

async function tell(runId: string, claim: string, { staging, ended }: Reading): Promise<void> {
  const { count } = await db().syncRun.updateMany({
    where: { id: runId, claim, state: "reading" },
    data: {
      heartbeatAt: now(),
      progress: { read: { ...staging.read }, ended: [...ended] },
      problems: jsonOf(staging.problems),
      problemCount: staging.problemCount,
    },
  });
  if (count === 0) throw new AppError("conflict", "this sync was taken over or ended by somebody else");
}
