import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { openSecrets, sealSecrets } from "../auth/seal-secrets";
import { type Tx, transaction } from "../db/client";
import type { Prisma } from "../db/generated/client";
import { AppError } from "../errors";
import { now } from "../time";
import { channelNameTaken } from "./create-channel";
import { nameTaken } from "./create-place";
import { readPlace } from "./read-place";
import { type ChannelKind, channelSecrets, channelSettings, type EditChannelInput, editChannelInput } from "./schema";

/**
 * Changes a channel. An address that is not given stays as it is, and so does what was allowed for its host.
 * @throws AppError `not_found`, `invalid`, `conflict` (the name is taken), `forbidden`
 */
export async function editChannel(actor: Actor, input: EditChannelInput): Promise<{ id: string }> {
  const { id, url, addresses, allowPrivateHost, ...plain } = editChannelInput.parse(input);
  await authorize(actor, "message:configure", { type: "channel", id });
  try {
    return await transaction(async (tx) => {
      const before = await lockChannel(tx, id);
      const data: Prisma.ChannelUpdateInput = { ...plain };
      if (before.kind === "email") {
        if (addresses) data.settings = { addresses };
      } else if (url !== undefined || allowPrivateHost !== undefined) {
        const kept = channelSecrets.parse(openSecrets(before.secrets, id));
        const typed = url ?? kept.url ?? "";
        // What was allowed was that one host, not whatever comes after it.
        const { allowedHost } = channelSettings.parse(before.settings);
        const stillAllowed = URL.canParse(typed) && new URL(typed).hostname === allowedHost;
        const place = readPlace(before.kind as ChannelKind, typed, allowPrivateHost ?? stillAllowed);
        data.settings = place.settings;
        data.secrets = Uint8Array.from(sealSecrets({ ...kept, url: place.url }, id));
      }
      await tx.channel.update({ where: { id }, data, select: { id: true } });
      await record(tx, actor, {
        action: "channel.edited",
        target: { type: "channel", id, name: plain.name ?? before.name },
        details: {
          changed: Object.keys(input).filter((name) => name !== "id"),
          ...(allowPrivateHost === undefined ? {} : { allowPrivateHost }),
        },
      });
      return { id };
    });
  } catch (error) {
    throw nameTaken(error, channelNameTaken(plain.name ?? ""));
  }
}

/**
 * Removes a channel. What was delivered stays in sight; what waits for it is dropped.
 * @throws AppError `not_found`, `forbidden`
 */
export async function removeChannel(actor: Actor, input: { id: string }): Promise<{ id: string; dropped: number }> {
  await authorize(actor, "message:configure", { type: "channel", id: input.id });
  return transaction(async (tx) => {
    const channel = await lockChannel(tx, input.id);
    // The secrets go at once; nothing can be sent with them any more.
    await tx.channel.update({ where: { id: channel.id }, data: { removedAt: now(), enabled: false, secrets: null } });
    const { count } = await tx.delivery.updateMany({
      where: { channelId: channel.id, state: "waiting" },
      data: { state: "given_up_by_person", nextTryAt: null },
    });
    await record(tx, actor, {
      action: "channel.removed",
      target: { type: "channel", id: channel.id, name: channel.name },
      details: { dropped: count },
    });
    return { id: channel.id, dropped: count };
  });
}

/** The channel, with its row locked. @throws AppError `not_found` */
export async function lockChannel(tx: Tx, id: string) {
  await tx.$queryRaw`select 1 from channels where id = ${id}::uuid for update`;
  const channel = await tx.channel.findFirst({ where: { id, removedAt: null } });
  if (!channel) throw new AppError("not_found", "There is no such channel.");
  return channel;
}
