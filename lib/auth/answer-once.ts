import { digestOf } from "../audit/record";
import { db, guardCommits, rows, type Tx } from "../db/client";
import { AppError } from "../errors";
import { minuteMs } from "../time";
import { type Actor, actorId } from "./actor";

/** What was answered to a call, to be answered again. */
export type KeptAnswer = { status: number; body: unknown };

/**
 * How long a call that says nothing is taken to run still. Then its process counts as dead, and the call may be repeated.
 * That is safe however wrong the guess is: each transaction of a call marks the key before it commits, and commits only
 * while the key is still its own. So a call that is late after all changes nothing, and one that died after it had
 * changed something is never run a second time.
 */
export const leaseMs = 2 * minuteMs;

// While a call runs, its key has no status, or this one from its first change on (RFC 2518, section 10.1: Processing).
const changedSomething = 102;

type Claim = { owner: string; key: string; takenAt: string };

/**
 * Runs `work` once per actor and idempotency key: the same key with the same request is given the first answer again
 * for 24 hours. An answer that says "try later" (5xx, 429) is not kept.
 * @param call.secretAnswer the answer holds a secret, so that only the fact is kept; asking again is a conflict.
 * @throws AppError `conflict` when the key was used for another request, its first call has not ended, or was cut off
 *   after it had changed something.
 */
export async function answerOnce(
  actor: Actor,
  call: { key: string; request: unknown; secretAnswer: boolean },
  work: () => Promise<KeptAnswer>,
): Promise<KeptAnswer & { repeated: boolean }> {
  const owner = `${actor.type}:${actorId(actor)}`;
  const requestHash = digestOf(call.request);
  const claim = await take(owner, call.key, requestHash);
  if (!claim) return { ...(await keptAnswer(owner, call.key, requestHash)), repeated: true };
  let answer: KeptAnswer;
  try {
    answer = await guardCommits((tx) => mark(tx, claim), work);
  } catch (error) {
    await forget(claim);
    throw error;
  }
  if (answer.status >= 500 || answer.status === 429) await forget(claim);
  else await keep(claim, answer, call.secretAnswer);
  return { ...answer, repeated: false };
}

// A day old, or left by a process that died before it changed anything: the key is taken anew, and its old holder loses it.
async function take(owner: string, key: string, requestHash: string): Promise<Claim | null> {
  const [row] = await rows<{ takenAt: string }>(
    `insert into idempotency_keys as k (actor, key, request_hash, created_at) values ($1, $2, $3, clock_timestamp())
     on conflict (actor, key) do update set
       request_hash = excluded.request_hash, status = null, answer = null, created_at = excluded.created_at
     where k.created_at < now() - interval '24 hours'
       or (k.status is null and k.request_hash = excluded.request_hash
         and k.created_at < now() - $4 * interval '1 millisecond')
     returning created_at::text as "takenAt"`,
    [owner, key, requestHash, leaseMs],
  );
  return row ? { owner, key, takenAt: row.takenAt } : null;
}

async function mark(tx: Tx, { owner, key, takenAt }: Claim): Promise<void> {
  const marked = await tx.$executeRaw`update idempotency_keys set status = ${changedSomething}
    where actor = ${owner} and key = ${key} and created_at = ${takenAt}::timestamptz`;
  if (marked > 0) return;
  throw new AppError("conflict", "This call took so long that its repetition was carried out instead.", {
    field: "Idempotency-Key",
    remedy: "Repeat it with the same key to be given that answer.",
  });
}

async function keptAnswer(owner: string, key: string, requestHash: string): Promise<KeptAnswer> {
  const kept = await db().idempotencyKey.findUnique({
    where: { actor_key: { actor: owner, key } },
    select: { requestHash: true, status: true, answer: true },
  });
  if (kept && kept.requestHash !== requestHash) {
    throw new AppError("conflict", "This Idempotency-Key was used for another request.", {
      field: "Idempotency-Key",
      remedy: "Use a new key for each request, and the same key only to repeat one.",
    });
  }
  if (!kept || kept.status === null || kept.status === changedSomething) throw await notEnded(owner, key);
  if (kept.answer === null) {
    throw new AppError("conflict", "This was done, and its answer held a secret that is shown only once.", {
      field: "Idempotency-Key",
      remedy: "If the answer was lost, revoke what was made and make another with a new key.",
    });
  }
  return { status: kept.status, body: kept.answer };
}

async function notEnded(owner: string, key: string): Promise<AppError> {
  const [cut] = await rows(
    `select from idempotency_keys where actor = $1 and key = $2 and status = $3
       and created_at < now() - $4 * interval '1 millisecond'`,
    [owner, key, changedSomething, leaseMs],
  );
  if (cut) {
    return new AppError(
      "conflict",
      "The first call with this Idempotency-Key was done, and cut off before it answered.",
      {
        field: "Idempotency-Key",
        remedy: "Look at what it made or changed; to do it once more, use a new key.",
      },
    );
  }
  return new AppError("conflict", "The first call with this Idempotency-Key has not ended.", {
    field: "Idempotency-Key",
    remedy: `Repeat it in a moment. If that call was cut off, this key can be used again after ${leaseMs / minuteMs} minutes.`,
    retryAfterSeconds: 1,
  });
}

async function keep({ owner, key, takenAt }: Claim, answer: KeptAnswer, secretAnswer: boolean): Promise<void> {
  const hidden = secretAnswer && answer.status < 400;
  await rows(
    `update idempotency_keys set status = $4, answer = $5::jsonb
     where actor = $1 and key = $2 and created_at = $3::timestamptz`,
    [
      owner,
      key,
      takenAt,
      answer.status,
      hidden ? null : JSON.stringify(answer.body ?? {}).replaceAll("\\u0000", "\\ufffd"),
    ],
  );
}

// A call that failed after it had changed something keeps its key: running it again might do it twice.
async function forget({ owner, key, takenAt }: Claim): Promise<void> {
  await rows(
    `delete from idempotency_keys where actor = $1 and key = $2 and created_at = $3::timestamptz and status is null`,
    [owner, key, takenAt],
  );
}
