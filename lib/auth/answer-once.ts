import { digestOf } from "../audit/record";
import { db, rows } from "../db/client";
import { AppError } from "../errors";
import { type Actor, actorId } from "./actor";

/** What was answered to a call, to be answered again. */
export type KeptAnswer = { status: number; body: unknown };

/**
 * Runs `work` once per actor and idempotency key: the same key with the same request is given the first answer again
 * for 24 hours. An answer that says "try later" (5xx, 429) is not kept.
 * @param call.secretAnswer the answer holds a secret, so that only the fact is kept; asking again is a conflict.
 * @throws AppError `conflict` when the key was used for another request, or its first call has not ended.
 */
export async function answerOnce(
  actor: Actor,
  call: { key: string; request: unknown; secretAnswer: boolean },
  work: () => Promise<KeptAnswer>,
): Promise<KeptAnswer & { repeated: boolean }> {
  const owner = `${actor.type}:${actorId(actor)}`;
  const requestHash = digestOf(call.request);
  const taken = await take(owner, call.key, requestHash);
  if (!taken) return { ...(await keptAnswer(owner, call.key, requestHash)), repeated: true };
  let answer: KeptAnswer;
  try {
    answer = await work();
  } catch (error) {
    await forget(owner, call.key);
    throw error;
  }
  if (answer.status >= 500 || answer.status === 429) await forget(owner, call.key);
  else await keep(owner, call.key, answer, call.secretAnswer);
  return { ...answer, repeated: false };
}

async function take(owner: string, key: string, requestHash: string): Promise<boolean> {
  await rows(
    "delete from idempotency_keys where actor = $1 and key = $2 and created_at < now() - interval '24 hours'",
    [owner, key],
  );
  const inserted = await rows(
    "insert into idempotency_keys (actor, key, request_hash) values ($1, $2, $3) on conflict do nothing returning key",
    [owner, key, requestHash],
  );
  return inserted.length > 0;
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
  if (!kept || kept.status === null) {
    throw new AppError("conflict", "The first call with this Idempotency-Key has not ended.", {
      field: "Idempotency-Key",
      remedy: "Repeat it in a moment. If that call was cut off, look whether it was done before using a new key.",
      retryAfterSeconds: 1,
    });
  }
  if (kept.answer === null) {
    throw new AppError("conflict", "This was done, and its answer held a secret that is shown only once.", {
      field: "Idempotency-Key",
      remedy: "If the answer was lost, revoke what was made and make another with a new key.",
    });
  }
  return { status: kept.status, body: kept.answer };
}

async function keep(owner: string, key: string, answer: KeptAnswer, secretAnswer: boolean): Promise<void> {
  const hidden = secretAnswer && answer.status < 400;
  await rows("update idempotency_keys set status = $3, answer = $4::jsonb where actor = $1 and key = $2", [
    owner,
    key,
    answer.status,
    hidden ? null : JSON.stringify(answer.body ?? {}).replaceAll("\\u0000", "\\ufffd"),
  ]);
}

async function forget(owner: string, key: string): Promise<void> {
  await rows("delete from idempotency_keys where actor = $1 and key = $2 and status is null", [owner, key]);
}
