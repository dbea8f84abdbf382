import { db, rows } from "@/lib/db/client";
import { startOffboarding } from "@/lib/offboarding/start-offboarding";
import { worker } from "@/lib/requests/test-world";
import { now } from "@/lib/time";
import { until } from "./until";

/** The time within which nineteen of twenty were done. */
export const p95 = (times: readonly number[]) =>
  [...times].sort((a, b) => a - b)[Math.ceil(times.length * 0.95) - 1] ?? Number.NaN;

/** People as the inventory knows them, whose accounts bear their names. */
export async function addPeople(names: readonly string[]): Promise<void> {
  const facts = { kind: "human", kindReason: "test", firstSeenAt: now() };
  await db().identity.createMany({ data: names.map((name) => ({ ...facts, name, email: `${name}@acme.test` })) });
}

/** From the order on: until every way in was proven shut, and until everything was. */
export async function leave(name: string, limitMs = 120_000): Promise<{ containedMs: number; provenMs: number }> {
  // As many as leave here within an hour would be held by the brake.
  await rows("update offboardings set created_at = created_at - interval '2 hours'");
  const startedAtMs = performance.now();
  const { id } = await startOffboarding(worker, { identity: `${name}@acme.test`, holdDays: null });
  const is = (what: string) => async () =>
    (await rows(`select 1 from offboardings where id = $1 and ${what}`, [id])).length > 0;
  await until(is("contained_at is not null"), { limitMs });
  const containedMs = performance.now() - startedAtMs;
  // Each of them was asked of its system after it was taken.
  const proven = `not exists (select 1 from offboarding_steps where offboarding_id = $1 and verified_at is null and state <> 'with_account')`;
  await until(is(proven), { limitMs });
  const provenMs = performance.now() - startedAtMs;
  await until(is("state = 'closed'"), { limitMs });
  return { containedMs, provenMs };
}
