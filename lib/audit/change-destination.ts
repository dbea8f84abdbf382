import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { type Tx, transaction } from "../db/client";
import { AppError } from "../errors";
import { now } from "../time";
import { destinationKind, isAnchor, isFile } from "./destination-schema";
import { record } from "./record";

type Ref = { id: string };

/**
 * Sends the newest checkpoint to an anchor once more, at once. A stream gets the event of the test itself. Whether it
 * arrived is seen where the destination is listed.
 * @throws AppError `not_found`, `conflict` (it is paused, or there is nothing to send yet), `forbidden`
 */
export async function testDestination(actor: Actor, { id }: Ref): Promise<Ref> {
  return change(actor, id, "tested", async (tx, found) => {
    if (found.pausedAt) throw new AppError("conflict", `${found.name} is paused.`, { remedy: "Let it go on first." });
    const [newest] = await tx.auditCheckpoint.findMany({ orderBy: { size: "desc" }, take: 1, select: { size: true } });
    if (isAnchor(destinationKind.parse(found.kind))) {
      if (!newest)
        throw new AppError("conflict", "The record was not signed yet, so that there is no checkpoint to send.", {
          remedy: "The worker signs one within a minute.",
        });
      if (found.position >= newest.size) return { position: newest.size - 1n, nextTryAt: null };
    }
    return { nextTryAt: null };
  });
}

/** Lets it rest: nothing is sent there until it goes on, and then all it has not got. @throws AppError `not_found`, `conflict`, `forbidden` */
export async function pauseDestination(actor: Actor, { id }: Ref): Promise<Ref> {
  return change(actor, id, "paused", async (_, found) => {
    // Whoever holds the pages must not be able to stop what the machine's keeper has set up to watch them.
    if (isFile(destinationKind.parse(found.kind)))
      throw new AppError("conflict", "A file is written where Rollcall runs, and is not stopped from here.", {
        remedy: `Whoever runs Rollcall sets ${found.kind === "file" ? "ROLLCALL_ANCHOR_FILE" : "ROLLCALL_ENDINGS_FILE"}=off.`,
      });
    if (found.pausedAt) throw new AppError("conflict", `${found.name} is paused already.`);
    return { pausedAt: now() };
  });
}

/** Lets it go on where it was. @throws AppError `not_found`, `conflict` (it is not paused), `forbidden` */
export async function resumeDestination(actor: Actor, { id }: Ref): Promise<Ref> {
  return change(actor, id, "resumed", async (_, found) => {
    if (!found.pausedAt) throw new AppError("conflict", `${found.name} is not paused.`);
    return { pausedAt: null, nextTryAt: null };
  });
}

/**
 * Ends it. What arrived there stays there. A file that a machine still writes comes back by itself.
 * @throws AppError `not_found`, `forbidden`
 */
export async function removeDestination(actor: Actor, { id }: Ref): Promise<Ref> {
  return change(actor, id, "removed", async () => ({ removedAt: now(), secrets: null }));
}

type Found = { id: string; name: string; kind: string; position: bigint; pausedAt: Date | null };
type Change = {
  position?: bigint;
  nextTryAt?: Date | null;
  pausedAt?: Date | null;
  removedAt?: Date;
  secrets?: null;
};

async function change(
  actor: Actor,
  id: string,
  verbed: "tested" | "paused" | "resumed" | "removed",
  decide: (tx: Tx, found: Found) => Promise<Change>,
): Promise<Ref> {
  await authorize(actor, "record:configure", { type: "record_destination", id });
  return transaction(async (tx) => {
    await tx.$queryRaw`select 1 from audit_destinations where id = ${id}::uuid for update`;
    const found = await tx.auditDestination.findFirst({ where: { id, removedAt: null } });
    if (!found) throw new AppError("not_found", "The record goes to no such place.");
    await tx.auditDestination.update({ where: { id }, data: await decide(tx, found), select: { id: true } });
    await record(tx, actor, {
      action: `record_destination.${verbed}`,
      target: { type: "record_destination", id, name: found.name },
      details: { kind: found.kind, position: Number(found.position) },
    });
    return { id };
  });
}
