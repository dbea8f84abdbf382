import { z } from "zod";
import { identityKinds } from "../connectors/schema";

/** The three-valued answer to "when was it last used": at a time, not since a time, or unknown and why. */
export const lastUse = z.object({
  state: z.enum(["used", "not_used", "unknown"]),
  at: z.iso.datetime().nullable(),
  since: z.iso.datetime().nullable(),
  because: z.string().nullable(),
});
export type LastUse = z.infer<typeof lastUse>;

export const environments = ["production", "staging", "development"] as const;
export type Environment = (typeof environments)[number];

export const criticalities = ["low", "medium", "high", "critical"] as const;
export type Criticality = (typeof criticalities)[number];

export const identityStatuses = ["active", "disabled", "gone"] as const;
export type IdentityStatus = (typeof identityStatuses)[number];

/** What can be said of an identity that no sync knows better. Null takes it away. */
export const identityChange = z
  .strictObject({
    ownerId: z.uuid().nullable().optional(),
    backupOwnerId: z.uuid().nullable().optional(),
    purpose: z.string().trim().max(500, "A purpose has at most 500 characters.").nullable().optional(),
    environment: z.enum(environments).nullable().optional(),
    criticality: z.enum(criticalities).nullable().optional(),
    kind: z.enum(identityKinds).optional(),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), "Say what to change.");
export type IdentityChange = z.output<typeof identityChange>;

export const editIdentitiesInput = z.strictObject({
  ids: z.array(z.uuid()).min(1).max(500, "At most 500 at once."),
  change: identityChange,
  /** Of the preview that was agreed to: what changed since then is a conflict. */
  version: z.string().max(64).optional(),
});
export type EditIdentitiesInput = z.output<typeof editIdentitiesInput>;

export const setResourceOwnerInput = z.strictObject({
  ids: z.array(z.uuid()).min(1).max(500, "At most 500 at once."),
  /** Null: nobody, so that the owner of what it lies in, or of the system, answers for it. */
  ownerId: z.uuid().nullable(),
  /** Of the preview that was agreed to: what changed since then is a conflict. */
  version: z.string().max(64).optional(),
});
export type SetResourceOwnerInput = z.output<typeof setResourceOwnerInput>;
