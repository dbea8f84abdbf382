import { z } from "zod";

/** Every job there is, and what it carries; parsed again when it runs. */
export const jobs = {
  "sync-connection": z.object({ connectionId: z.uuid(), runId: z.uuid() }),
  "refresh-facts": z.object({ connectionId: z.uuid().nullable() }),
  "take-usage": z.object({ connectionId: z.uuid() }),
  "deliver-message": z.object({ deliveryId: z.uuid() }),
  "sequence-events": z.object({}),
  "start-due-syncs": z.object({}),
  "keep-house": z.object({}),
  "load-policies": z.object({}),
  "activate-grant": z.object({ grantId: z.uuid() }),
  "converge-access": z.object({
    accessId: z.uuid(),
    also: z.array(z.uuid()).max(100).optional(),
    verify: z.boolean().optional(),
  }),
  "converge-credential": z.object({ grantId: z.uuid(), verify: z.boolean().optional() }),
  "end-grant": z.object({ grantId: z.uuid() }),
  "watch-grants": z.object({}),
  "compare-grants": z.object({ connectionId: z.uuid() }),
  "settle-request": z.object({ requestId: z.uuid() }),
  "watch-requests": z.object({}),
  "begin-offboarding": z.object({ offboardingId: z.uuid() }),
  "carry-out-step": z.object({ stepId: z.uuid(), also: z.array(z.uuid()).max(100).default([]) }),
  "advance-offboarding": z.object({ offboardingId: z.uuid() }),
  "find-leavers": z.object({ connectionId: z.uuid() }),
  "watch-offboardings": z.object({}),
} as const;

export type JobName = keyof typeof jobs;
export type JobPayload<Name extends JobName> = z.infer<(typeof jobs)[Name]>;
