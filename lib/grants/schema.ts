import { z } from "zod";
import { connectorErrorCodes } from "../connectors/schema";
import { endReasons, grantStates } from "./states";

/** The two ways of giving: to the person's own account, or by a short-lived account that is made for it. */
export const ways = ["assignment", "credential"] as const;
export type Way = (typeof ways)[number];

/** The steps of a receipt, in the order they come. */
export const receiptSteps = [
  "ordered",
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

/** A grant as it is listed and shown. */
export const grantRow = z.object({
  id: z.uuid(),
  requestId: z.uuid().nullable(),
  requestNumber: z.number().int().nullable(),
  state: z.enum(grantStates),
  endedBecause: z.enum(endReasons).nullable(),
  endedWords: z.string().nullable(),
  give: z.enum(ways),
  breakGlass: z.boolean(),
  subject: z.object({ id: z.uuid(), name: z.string(), kind: z.string() }),
  connection: z.object({ id: z.uuid(), name: z.string(), environment: z.string() }),
  account: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  permission: z.string(),
  resource: z.object({ type: z.string(), externalId: z.string(), name: z.string() }),
  privilege: z.number().int(),
  startsAt: z.date(),
  activatedAt: z.date().nullable(),
  endsAt: z.date().nullable(),
  endedAt: z.date().nullable(),
  deliveredAt: z.date().nullable(),
  drift: z.enum(["taken_away", "came_back"]).nullable(),
  attempts: z.number().int(),
  nextTryAt: z.date().nullable(),
  lastError: provisionError.nullable(),
});
export type GrantRow = z.infer<typeof grantRow>;

export const receiptLine = z.object({ step: z.enum(receiptSteps), at: z.date(), detail: z.string() });
export type ReceiptLine = z.infer<typeof receiptLine>;

export const completeHandTaskInput = z.object({
  id: z.uuid(),
  evidence: z
    .string()
    .trim()
    .min(3, "say what you did and where it can be seen: a ticket, a link, the command")
    .max(4_000),
});
export type CompleteHandTaskInput = z.input<typeof completeHandTaskInput>;
