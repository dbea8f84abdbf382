import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { db, rows, transaction } from "../db/client";
import { enqueue } from "../jobs/enqueue";
import { keepMessages } from "../messages/keep-messages";
import { dayMs, hourMs, minuteMs, now, plus } from "../time";
import { linkUsers } from "./link-user";

const stagingTables = [
  "staged_principals",
  "staged_memberships",
  "staged_resources",
  "staged_assignments",
  "staged_credentials",
];

/**
 * What must be done now and then: figures that change with the clock alone are counted anew each hour, and what has
 * served its purpose is thrown away (expired challenges, links, limits, answered idempotency keys, old deliveries, staged rows of ended runs).
 */
export async function keepHouse(actor: Actor): Promise<void> {
  await authorize(actor, "identity:edit");
  const at = now();
  await db().challenge.deleteMany({ where: { expiresAt: { lt: at } } });
  await db().signInLink.deleteMany({ where: { expiresAt: { lt: plus(at, -dayMs) } } });
  await db().session.deleteMany({ where: { expiresAt: { lt: at } } });
  await db().rateLimit.deleteMany({ where: { expire: { lt: at.getTime() } } });
  await transaction((tx) => linkUsers(tx, actor));
  await keepMessages();
  await db().idempotencyKey.deleteMany({ where: { createdAt: { lt: plus(at, -dayMs) } } });
  for (const table of stagingTables) {
    await rows(
      `delete from ${table} s where not exists (select 1 from sync_runs r where r.id = s.run_id and r.state in ('queued', 'reading', 'reconciling', 'paused'))`,
    );
  }
  const counted = await db().inventoryCounter.aggregate({ _max: { updatedAt: true } });
  const countedAt =
    (await db().setting.findUnique({ where: { key: "counted_at" } }))?.updatedAt ?? counted._max.updatedAt;
  if (countedAt && countedAt > plus(at, -hourMs + minuteMs)) return;
  await transaction(async (tx) => {
    await tx.setting.upsert({
      where: { key: "counted_at" },
      create: { key: "counted_at", value: {}, updatedAt: at },
      update: { updatedAt: at },
    });
    await enqueue(tx, "refresh-facts", { connectionId: null }, { key: "refresh-facts" });
  });
}
