import { hostname } from "node:os";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { openSecrets } from "../auth/seal-secrets";
import { db, rows, type Tx, transaction } from "../db/client";
import { messageOf } from "../errors";
import { log } from "../log";
import { redacted } from "../messages/attempt";
import { nextTryAt } from "../messages/next-try";
import { minuteMs, now, plus, secondMs } from "../time";
import { anchorFile, appendCheckpoints } from "./anchor-file";
import {
  type Destination,
  type DestinationKind,
  type DestinationSecrets,
  destinationSecrets,
  destinationSettings,
  isAnchor,
} from "./destination-schema";
import { journalFile } from "./journal-file";
import { record } from "./record";
import { postCheckpoint, putCheckpoint } from "./send-checkpoint";
import { sendEndings } from "./send-endings";
import { sendEvents } from "./send-events";
import type { SignedCheckpoint } from "./sign-checkpoint";

// Longer than a turn can take, so that only a dead worker's claim runs out.
const claimMs = 2 * minuteMs;
const turnMs = 20 * secondMs;
const longestWaitMs = 5 * minuteMs;
const alarmAfter = 3;

type Claimed = {
  id: string;
  name: string;
  kind: DestinationKind;
  settings: unknown;
  secrets: Uint8Array | null;
  position: string;
  failures: number;
  failingSince: Date | null;
};

/**
 * Brings to every destination what it has not got: checkpoints to anchors, events to streams, endings to the journal. Each on its own, so that
 * one which hangs holds up no other; what failed is tried again, later and later but at least every five minutes. A
 * worker that dies between sending and noting so sends again: everything comes at least once.
 */
export async function carryRecord(actor: Actor, signal?: AbortSignal): Promise<void> {
  await authorize(actor, "record:configure");
  await keepFileDestinations();
  const [key] = await rows<{ name: string }>("select name from audit_keys limit 1");
  if (!key) return;
  const claimed = await claimDue();
  await Promise.all(claimed.map((one) => carry(actor, one, { origin: key.name, signal })));
}

// Each machine with a worker has an anchor file and a journal of its own.
const ownFiles = () => [
  { kind: "file", name: nameHere("file"), path: anchorFile() },
  { kind: "journal", name: nameHere("endings"), path: journalFile() },
];
const nameHere = (what: string) => `${what} on ${hostname()}`.slice(0, 60);

async function keepFileDestinations(): Promise<void> {
  for (const { kind, name, path } of ownFiles()) await keepFileDestination(kind, name, path);
}

async function keepFileDestination(kind: string, name: string, path: string | null): Promise<void> {
  if (path === null) {
    await rows("update audit_destinations set removed_at = now() where name = $1 and removed_at is null", [name]);
    return;
  }
  const settings = { shown: path, path };
  await rows(
    `insert into audit_destinations (name, kind, settings) select $1, $3, $2
     where not exists (select from audit_destinations where name = $1 and removed_at is null and settings = $2)
     on conflict (name) where removed_at is null do update set settings = excluded.settings, position = 0, next_try_at = null`,
    [name, settings, kind],
  );
}

async function claimDue(): Promise<Claimed[]> {
  const at = now();
  return rows<Claimed>(
    `update audit_destinations d set claimed_until = $1
     where removed_at is null and paused_at is null and (claimed_until is null or claimed_until <= $2) and (next_try_at is null or next_try_at <= $2)
       and (kind not in ('file', 'journal') or name = any($3))
       and position < case when kind in ('file', 'webhook', 's3')
         then (select coalesce(max(size), 0) from audit_checkpoints) else (select coalesce(max(position), 0) from audit_sequence) end
     returning id, name, kind, settings, secrets, position, failures_in_row as failures, failing_since as "failingSince"`,
    [plus(at, claimMs), at, ownFiles().map(({ name }) => name)],
  );
}

async function carry(actor: Actor, claimed: Claimed, by: { origin: string; signal?: AbortSignal }): Promise<void> {
  const secrets: DestinationSecrets[] = [];
  try {
    const opened = destinationSecrets.parse(openSecrets(claimed.secrets, claimed.id));
    secrets.push(opened);
    const to: Destination = {
      ...claimed,
      settings: destinationSettings.parse(claimed.settings),
      secrets: opened,
      position: Number(claimed.position),
      signal: by.signal,
    };
    const endsAt = plus(now(), turnMs);
    for (let more = true; more && now() < endsAt && !by.signal?.aborted; ) {
      const arrived = await send(to, by.origin);
      more = arrived !== null;
      if (arrived === null) break;
      to.position = arrived;
      await db().auditDestination.update({ where: { id: to.id }, data: { position: arrived, arrivedAt: now() } });
    }
    await settle(actor, claimed);
  } catch (error) {
    if (by.signal?.aborted) return release(claimed.id);
    await noteFailure(actor, claimed, error, secrets[0]);
  }
}

function send(to: Destination, origin: string): Promise<number | null> {
  if (to.kind === "journal") return sendEndings(to, origin);
  return isAnchor(to.kind) ? sendCheckpoints(to, origin) : sendEvents(to, origin);
}

const together = 50;

async function sendCheckpoints(to: Destination, origin: string): Promise<number | null> {
  const found = await rows<{ size: string; root: Buffer; note: string; signedAt: Date }>(
    `select size, root, note, signed_at as "signedAt" from audit_checkpoints where size > $1 order by size limit ${together}`,
    [to.position],
  );
  const checkpoints: SignedCheckpoint[] = found.map((one) => ({ ...one, size: Number(one.size) }));
  if (to.kind === "file") {
    if (checkpoints.length > 0)
      await appendCheckpoints(to.settings.path ?? "", { origin, checkpoints, newest: await newestSize() });
    return checkpoints.at(-1)?.size ?? null;
  }
  const [next] = checkpoints;
  if (!next) return null;
  await (to.kind === "s3" ? putCheckpoint : postCheckpoint)(to, origin, next);
  return next.size;
}

async function newestSize(): Promise<number> {
  const [newest] = await rows<{ size: string }>("select max(size) as size from audit_checkpoints");
  return Number(newest?.size ?? 0);
}

async function settle(actor: Actor, { id, name, kind, failures }: Claimed): Promise<void> {
  await transaction(async (tx) => {
    await tx.auditDestination.update({
      where: { id },
      data: { claimedUntil: null, nextTryAt: null, failingSince: null, failuresInRow: 0, lastError: null },
    });
    if (failures >= alarmAfter)
      await record(tx, actor, {
        action: "record_destination.recovered",
        target: { type: "record_destination", id, name },
        details: { kind },
      });
  });
}

async function release(id: string): Promise<void> {
  await db().auditDestination.update({ where: { id }, data: { claimedUntil: null } });
}

async function noteFailure(actor: Actor, it: Claimed, error: unknown, secrets?: DestinationSecrets): Promise<void> {
  const failures = it.failures + 1;
  const at = now();
  const next = nextTryAt({ at, attempts: failures, retryAfter: null, dice: Math.random() });
  const message = redacted(messageOf(error), Object.values(secrets ?? {}));
  log().error({ destination: it.name, failures, message }, "the record does not arrive outside the database");
  await transaction(async (tx) => {
    await tx.auditDestination.update({
      where: { id: it.id },
      data: {
        claimedUntil: null,
        failuresInRow: failures,
        failingSince: it.failingSince ?? at,
        lastError: message,
        nextTryAt: new Date(Math.min(next.getTime(), plus(at, longestWaitMs).getTime())),
      },
    });
    if (failures === alarmAfter) await raiseAlarm(tx, actor, it, message);
  });
}

async function raiseAlarm(tx: Tx, actor: Actor, { id, name, kind }: Claimed, message: string): Promise<void> {
  await record(tx, actor, {
    action: "record_destination.failing",
    target: { type: "record_destination", id, name },
    outcome: "failed",
    details: { kind, message: message.slice(0, 200), failuresInRow: alarmAfter },
  });
}
