import { z } from "zod";
import { credentialKinds } from "../connectors/schema";

const name = z.string().min(1).max(1_000);

/** One use, or several of one kind: who used what, with what, when, and from where. */
export const usageEvent = z.strictObject({
  account: name.meta({ description: "External id of the account, or its name in that connection." }),
  credential: z
    .strictObject({ kind: z.enum(credentialKinds), externalId: name })
    .optional()
    .meta({ description: "What the account proved itself with, where it is known." }),
  resource: z.strictObject({ type: name, externalId: name }).optional(),
  permission: z.string().min(1).max(200).optional(),
  at: z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text))
    .meta({ description: "When; of several uses, the last of them." }),
  from: z.string().min(1).max(300).optional().meta({ description: "From where: an address, a host, a pipeline." }),
  uses: z.number().int().min(1).max(1_000_000_000).default(1),
});

export const recordUsageInput = z.strictObject({
  connection: z.string().min(1).max(200).meta({ description: "Name or id of the connection." }),
  events: z.array(usageEvent).min(1).max(5_000),
});
export type RecordUsageInput = z.output<typeof recordUsageInput>;

/** What became of a batch. `skipped` counts all that were left out; `problems` names the first fifty. */
export const recordedUsage = z.object({
  recorded: z.number().int().meta({ description: "Events that were counted." }),
  repeated: z.number().int().meta({ description: "Events not later than what was already counted; nothing changed." }),
  skipped: z.number().int(),
  problems: z.array(z.object({ index: z.number().int(), message: z.string() })),
});
export type RecordedUsage = z.infer<typeof recordedUsage>;
