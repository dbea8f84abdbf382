import { z } from "zod";
import type { Tx } from "../db/client";
import type { LockedRun } from "./move-run";
import { consumerShape, type Tombstone } from "./schema";

/** Keeps what a machine was, when it is destroyed: nobody finds it in a system any more. */
export async function buryMachine(tx: Tx, run: LockedRun, at: Date): Promise<void> {
  const row = await tx.offboarding.findUniqueOrThrow({ where: { id: run.id }, select: { consumers: true } });
  const identity = await tx.identity.findUniqueOrThrow({
    where: { id: run.identityId },
    select: { name: true, kind: true, purpose: true, owner: { select: { name: true } } },
  });
  const steps = await tx.offboardingStep.findMany({
    where: { offboardingId: run.id, kind: { in: ["account", "credential"] } },
    orderBy: { position: "asc" },
    select: { kind: true, name: true },
  });
  const named = (kind: string) => steps.filter((step) => step.kind === kind).map(({ name }) => name);
  const tombstone: Tombstone = {
    at: at.toISOString(),
    name: identity.name,
    kind: identity.kind,
    owner: identity.owner?.name ?? null,
    purpose: identity.purpose,
    accounts: named("account"),
    credentials: named("credential"),
    consumers: z.array(consumerShape).parse(row.consumers),
  };
  await tx.offboarding.update({ where: { id: run.id }, data: { tombstone }, select: { id: true } });
}
