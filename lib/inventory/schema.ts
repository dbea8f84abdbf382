import { z } from "zod";

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
