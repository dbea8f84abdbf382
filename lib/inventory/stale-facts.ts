import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { rows, type Tx, transaction } from "../db/client";
import { refreshFacts } from "./refresh-facts";

const batch = 500;

/** Marks the kept facts of whose accounts these are as behind, in the transaction that changed what they reach. */
export async function markStale(tx: Tx, accountIds: readonly string[]): Promise<void> {
  // In one order, so that two of these never wait for each other.
  await tx.$executeRaw`insert into stale_facts (identity_id)
    select distinct identity_id from principals where id = any(${accountIds}::uuid[]) and identity_id is not null
    order by identity_id on conflict do nothing`;
}

/**
 * Brings the kept facts that are behind up to date, some hundreds in one transaction: a thousand grants that end together
 * are counted a few times and not a thousand. Two workers never take the same.
 * @returns how many identities were behind
 */
export async function refreshStaleFacts(actor: Actor): Promise<number> {
  await authorize(actor, "identity:edit");
  for (let total = 0; ; ) {
    const taken = (await rows("select 1 from stale_facts limit 1")).length > 0 ? await transaction(takeSome) : 0;
    total += taken;
    if (taken < batch) return total;
  }
}

async function takeSome(tx: Tx): Promise<number> {
  const taken = await tx.$queryRaw<{ id: string }[]>`
    delete from stale_facts where identity_id in (select identity_id from stale_facts limit ${batch} for update skip locked)
    returning identity_id as id`;
  await refreshFacts(tx, { identityIds: taken.map(({ id }) => id) });
  return taken.length;
}
