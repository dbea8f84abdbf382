import { z } from "zod";
import { cancelOffboarding, releaseOffboarding } from "@/lib/offboarding/cancel-offboarding";
import { getClockReport } from "@/lib/offboarding/clock-queries";
import { decideStep } from "@/lib/offboarding/decide-step";
import { dismissRehire } from "@/lib/offboarding/dismiss-rehire";
import { disposeItem, followSuggestions } from "@/lib/offboarding/dispose-item";
import { listHanded } from "@/lib/offboarding/handed-queries";
import { previewOffboarding } from "@/lib/offboarding/preview-queries";
import { listOffboardings } from "@/lib/offboarding/queries";
import { receiptShape } from "@/lib/offboarding/receipt-schema";
import {
  cancelOffboardingInput,
  decideStepInput,
  dismissRehireInput,
  disposeItemInput,
  previewOffboardingInput,
  releaseOffboardingInput,
  startOffboardingInput,
} from "@/lib/offboarding/schema";
import { startOffboarding } from "@/lib/offboarding/start-offboarding";
import { takeReceipt } from "@/lib/offboarding/take-receipt";
import { secondMs } from "@/lib/time";
import { endpoint } from "../endpoint";
import { id, idParam } from "../list";
import {
  clockReportShape,
  handedShape,
  offboardingDetailShape,
  offboardingPreviewShape,
  offboardingShape,
} from "../shapes/offboardings";
import { answerOf, runOf } from "./offboarding-answers";

const listed = z.strictObject({
  open: z
    .enum(["true", "false"])
    .default("false")
    .meta({ description: "Only those that are neither closed nor cancelled." }),
  identity: z.uuid().optional(),
  number: z.coerce
    .number()
    .int()
    .min(1)
    .max(999_999_999_999_999)
    .optional()
    .meta({ description: "The one that people call by this number: 12 of O-12." }),
  cursor: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export const offboardingEndpoints = [
  endpoint({
    method: "GET",
    path: "/offboardings",
    summary: "List who and what leaves, newest first",
    description: "Those of one's own people and machines; those who see all see all.",
    tag: "Leaving",
    permission: "offboarding:read",
    query: listed,
    answer: z.object({ items: z.array(offboardingShape), nextCursor: id.nullable() }),
    run: async (actor, { query }) => {
      const { open, identity = null, number = null, cursor = null, limit } = query;
      const asked = { open: open === "true", identity, number, cursor, limit };
      const { items, nextCursor } = await listOffboardings(actor, asked);
      return { items: items.map(runOf), nextCursor };
    },
  }),
  endpoint({
    method: "POST",
    path: "/offboardings",
    summary: "Have a person or a machine leave, now or at a time",
    description:
      "For their manager, the owner of a machine, security and administrators; never for oneself. What is to begin now has begun with the answer: the sign-in here is gone, and the systems are being told. Too many within an hour answer paused_by_brake.",
    tag: "Leaving",
    permission: "offboarding:start",
    body: startOffboardingInput,
    status: 202,
    answer: offboardingDetailShape,
    run: async (actor, { body }) => answerOf(actor, await startOffboarding(actor, body)),
  }),
  endpoint({
    method: "POST",
    path: "/offboardings/preview",
    summary: "What would go, and what would be left behind",
    tag: "Leaving",
    permission: "offboarding:start",
    safe: true,
    body: previewOffboardingInput,
    answer: offboardingPreviewShape,
    run: (actor, { body }) => previewOffboarding(actor, body),
  }),
  endpoint({
    method: "GET",
    path: "/offboardings/clocks",
    summary: "How soon leavings were contained and complete, against their targets, over the last 90 days",
    description: "Of people and of machines, each clock a row: those of one's own, or all. Undone runs are left out.",
    tag: "Leaving",
    permission: "offboarding:read",
    answer: z.object({ items: z.array(clockReportShape) }),
    run: async (actor) => {
      const items = await getClockReport(actor);
      const seconds = (ms: number | null) => (ms === null ? null : ms / secondMs);
      return {
        items: items.map(({ targetMs, p50Ms, p95Ms, ...row }) => ({
          ...{ ...row, targetSeconds: targetMs / secondMs },
          ...{ p50Seconds: seconds(p50Ms), p95Seconds: seconds(p95Ms) },
        })),
      };
    },
  }),
  endpoint({
    method: "GET",
    path: "/offboardings/{id}",
    summary: "One run: its two clocks, its receipt and what is left behind",
    tag: "Leaving",
    permission: "offboarding:read",
    params: idParam,
    answer: offboardingDetailShape,
    run: (actor, { params }) => answerOf(actor, params),
  }),
  endpoint({
    method: "GET",
    path: "/offboardings/{id}/receipt",
    summary: "The receipt of a run, with what proves it without this installation",
    description:
      "Every path with when it was ordered, acknowledged and verified, what outlives it and until when; the digest of that, which an event of the record carries; and the events of the run, each with its path to the root of a signed checkpoint. verify.mjs checks the answer as a file.",
    tag: "Leaving",
    permission: "offboarding:read",
    params: idParam,
    answer: receiptShape,
    run: (actor, { params }) => takeReceipt(actor, params),
  }),
  endpoint({
    method: "POST",
    path: "/offboardings/{id}/cancel",
    summary: "Undo a run: a false alarm, or somebody who is back",
    description: "Accounts are let in again while they are still there. Grants, sessions and tokens stay ended.",
    tag: "Leaving",
    permission: "offboarding:cancel",
    params: idParam,
    body: cancelOffboardingInput.omit({ id: true }).strict(),
    status: 202,
    answer: z.object({ id, back: z.number().int().meta({ description: "How many accounts and accesses come back." }) }),
    run: (actor, { params, body }) => cancelOffboarding(actor, { ...body, ...params }),
  }),
  endpoint({
    method: "POST",
    path: "/offboardings/{id}/rehire-dismissal",
    summary: "Say that whoever left was not hired again, whatever a source shows",
    description:
      "An identity source shows them as active again. That they were hired again is said by cancel with why rehired; this says that the source is wrong, and they stay out.",
    tag: "Leaving",
    permission: "offboarding:cancel",
    params: idParam,
    body: dismissRehireInput.omit({ id: true }).strict(),
    answer: z.object({ id }),
    run: (actor, { params, body }) => dismissRehire(actor, { ...body, ...params }),
  }),
  endpoint({
    method: "POST",
    path: "/offboardings/{id}/release",
    summary: "Let a run go on that the brake holds",
    tag: "Leaving",
    permission: "offboarding:release",
    params: idParam,
    body: releaseOffboardingInput.omit({ id: true }).strict(),
    bodyOptional: true,
    status: 202,
    answer: z.object({ id }),
    run: (actor, { params, body }) => releaseOffboarding(actor, { ...body, ...params }),
  }),
  endpoint({
    method: "POST",
    path: "/offboardings/{id}/suggestions",
    summary: "Follow every suggestion for what is left behind",
    tag: "Leaving",
    permission: "offboarding:decide",
    params: idParam,
    answer: z.object({ done: z.number().int(), refused: z.array(z.object({ name: z.string(), message: z.string() })) }),
    run: (actor, { params }) => followSuggestions(actor, params),
  }),
  endpoint({
    method: "GET",
    path: "/offboarding-items/handed-to-me",
    summary: "What was handed to the caller in the last 30 days because somebody left",
    tag: "Leaving",
    permission: "offboarding:read",
    answer: z.object({ items: z.array(handedShape) }),
    run: async (actor) => ({
      items: (await listHanded(actor)).map((row) => ({ ...row, handedAt: row.handedAt.toISOString() })),
    }),
  }),
  endpoint({
    method: "POST",
    path: "/offboarding-items/{id}/disposition",
    summary: "Say what becomes of something that is left behind",
    tag: "Leaving",
    permission: "offboarding:decide",
    params: idParam,
    body: disposeItemInput.omit({ id: true }).strict(),
    answer: z.object({ id }),
    run: (actor, { params, body }) => disposeItem(actor, { ...body, ...params }),
  }),
  endpoint({
    method: "POST",
    path: "/offboarding-steps/{id}/decision",
    summary: "Say what becomes of a step: keep or end what a mover had, or what Rollcall could not carry out",
    description:
      "Of what somebody had before they moved: keep it until a day, with a reason, or end it now. Of what failed or waits for a person: retry it, say that it was done by_hand, or keep it. For the managers of both sides, security and administrators.",
    tag: "Leaving",
    permission: "offboarding:decide",
    params: idParam,
    body: decideStepInput.omit({ id: true }).strict(),
    answer: z.object({ id }),
    run: async (actor, { params, body }) => ({ id: (await decideStep(actor, { ...body, ...params })).id }),
  }),
];
