import { z } from "zod";
import { connectorErrorCodes } from "../connectors/schema";

/** The two ways of giving: to the person's own account, or by a short-lived account that is made for it. */
export const ways = ["assignment", "credential"] as const;
export type Way = (typeof ways)[number];

/** The steps of a receipt, in the order they come. */
export const receiptSteps = [
  "ordered",
  "asked_to_confirm",
  "confirmed",
  "found_standing",
  "done",
  "read_back",
  "expiry_set",
  "delivered",
  "extended",
  "failed",
  "end_ordered",
  "kept",
  "taken",
  "sessions_ended",
  "proven",
  "left_standing",
  "taken_away_by_hand",
  "came_back",
] as const;
export type ReceiptStep = (typeof receiptSteps)[number];

/** What kept a change from the target, as it is kept and shown. */
export const provisionError = z.object({
  code: z.enum([...connectorErrorCodes, "impossible", "bug"]),
  message: z.string(),
  remedy: z.string(),
  retryable: z.boolean(),
});
export type ProvisionError = z.infer<typeof provisionError>;

export const revokeGrantInput = z.object({
  id: z.uuid(),
  reason: z.string().trim().max(1_000).default(""),
});
export type RevokeGrantInput = z.input<typeof revokeGrantInput>;

export const revokeGrantsInput = z.object({
  ids: z.array(z.uuid()).min(1).max(500),
  reason: z.string().trim().max(1_000).default(""),
});
export type RevokeGrantsInput = z.input<typeof revokeGrantsInput>;

export const grantIdInput = z.object({ id: z.uuid() });

export const confirmGrantInput = z.object({
  id: z.uuid(),
  proof: z.unknown().describe("What the device answered to the challenge that was made for this."),
});
export type ConfirmGrantInput = z.input<typeof confirmGrantInput>;

export const completeHandTaskInput = z.object({
  id: z.uuid(),
  evidence: z
    .string()
    .trim()
    .min(3, "say what you did and where it can be seen: a ticket, a link, the command")
    .max(4_000),
});
export type CompleteHandTaskInput = z.input<typeof completeHandTaskInput>;
