import type { z } from "zod";
import { record } from "../audit/record";
import type { PersonActor } from "../auth/actor";
import { authorizeReach } from "../auth/authorize";
import { db, transaction } from "../db/client";
import { type choosePreferenceInput, type MessageEvent, messageEventNames, messageEvents } from "./schema";

/** Turns e-mails of one kind on or off, for oneself. */
export async function chooseMessages(
  actor: PersonActor,
  input: z.output<typeof choosePreferenceInput>,
): Promise<{ event: MessageEvent; email: boolean }> {
  await authorizeReach(actor, "message:choose");
  const { userId } = actor;
  const { event, email } = input;
  return transaction(async (tx) => {
    await tx.messagePreference.upsert({
      where: { userId_event: { userId, event } },
      create: { userId, event, email },
      update: { email },
    });
    await record(tx, actor, {
      action: "message.chosen",
      target: { type: "person", id: userId, name: actor.name },
      details: { event, email },
    });
    return { event, email };
  });
}

export type Preference = { event: MessageEvent; label: string; email: boolean; always: boolean };

/** What the reader gets by e-mail; what cannot be turned off is among it. */
export async function listPreferences(actor: PersonActor): Promise<Preference[]> {
  await authorizeReach(actor, "message:choose");
  const chosen = await db().messagePreference.findMany({ where: { userId: actor.userId } });
  return messageEventNames
    .filter((event) => event !== "message.test")
    .map((event) => {
      const { label, always } = messageEvents[event];
      return { event, label, always, email: always || chosen.find((one) => one.event === event)?.email !== false };
    });
}
