import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { sealSecrets } from "../auth/seal-secrets";
import { db, transaction } from "../db/client";
import type { Prisma } from "../db/generated/client";
import { primaryOf } from "../db/primary";
import { env } from "../env";
import { createConnection } from "./create-connection";
import { requestSync } from "./request-sync";

const ownName = "rollcall";

/**
 * Makes the product's own database its first connection, so that Rollcall's own accounts are in the inventory like
 * anybody's; at a later start it takes over a changed address or password. Changes nothing where nothing changed.
 */
export async function connectOwnDatabase(actor: Actor): Promise<void> {
  await authorize(actor, "connection:create");
  const url = new URL(await primaryOf(env().DATABASE_URL ?? ""));
  const password = decodeURIComponent(url.password);
  const settings = {
    host: url.hostname,
    port: Number(url.port || 5432),
    user: decodeURIComponent(url.username),
    database: decodeURIComponent(url.pathname.slice(1)),
    databases: "one",
    sslmode: url.searchParams.get("sslmode") ?? "disable",
  };
  const existing = await db().connection.findUnique({ where: { name: ownName } });
  if (!existing) {
    await createConnection(actor, {
      name: ownName,
      connector: "postgresql",
      environment: "production",
      settings,
      secrets: { password },
      scheduleMinutes: 60,
    });
    return;
  }
  const before = existing.settings as Record<string, unknown>;
  if (settings.host === before.host && settings.port === before.port && settings.user === before.user) return;
  await transaction((tx) =>
    tx.connection.update({
      where: { id: existing.id },
      data: {
        settings: { ...before, ...settings } as Prisma.InputJsonObject,
        secrets: Uint8Array.from(sealSecrets({ password }, existing.id)),
      },
      select: { id: true },
    }),
  );
  await requestSync(actor, { id: existing.id });
}
