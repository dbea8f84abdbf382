import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { openSecrets, sealSecrets } from "../auth/seal-secrets";
import { transaction } from "../db/client";
import type { Prisma } from "../db/generated/client";
import { AppError } from "../errors";
import { assertOwner } from "../inventory/assert-owner";
import { minuteMs, now, plus } from "../time";
import { connectorOf } from "./connector-of";
import { nameTaken } from "./create-connection";
import { parseSettings } from "./parse-settings";
import { type EditConnectionInput, editConnectionInput } from "./schema";

/**
 * Changes a connection. Secrets that are not given stay as they are.
 * @throws AppError `not_found`, `invalid` (a setting does not fit, an owner cannot be one), `conflict` (the name is taken), `forbidden`
 */
export async function editConnection(actor: Actor, input: EditConnectionInput): Promise<{ id: string }> {
  const { id, settings, secrets, ...plain } = editConnectionInput.parse(input);
  await authorize(actor, "connection:edit", { type: "connection", id });
  try {
    return await transaction(async (tx) => {
      const before = await tx.connection.findFirst({ where: { id, removedAt: null } });
      if (!before) throw new AppError("not_found", "There is no such connection.");
      await assertOwner(tx, plain.ownerId, "ownerId");
      const data: Prisma.ConnectionUncheckedUpdateInput = { ...plain };
      if (plain.scheduleMinutes !== undefined)
        data.nextSyncAt = plain.scheduleMinutes === null ? null : plus(now(), plain.scheduleMinutes * minuteMs);
      if (settings !== undefined || secrets !== undefined) {
        const given = {
          settings: settings ?? (before.settings as Record<string, unknown>),
          secrets: { ...openSecrets(before.secrets, id), ...secrets },
        };
        const parsed = parseSettings(connectorOf(before.connector), given);
        data.settings = parsed.settings as Prisma.InputJsonObject;
        data.secrets = Uint8Array.from(sealSecrets(parsed.secrets, id));
      }
      await tx.connection.update({ where: { id }, data, select: { id: true } });
      await record(tx, actor, {
        action: "connection.edited",
        target: { type: "connection", id, name: plain.name ?? before.name },
        before: { ...before, secrets: null },
        after: { ...before, ...plain, settings: settings ?? before.settings, secrets: null },
        details: {
          changed: [
            ...Object.keys(plain),
            ...(settings ? ["settings"] : []),
            ...Object.keys(secrets ?? {}).map((name) => `secrets.${name}`),
          ],
        },
      });
      return { id };
    });
  } catch (error) {
    throw nameTaken(error, plain.name ?? "");
  }
}
