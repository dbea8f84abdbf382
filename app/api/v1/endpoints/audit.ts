import { z } from "zod";
import {
  pauseDestination,
  removeDestination,
  resumeDestination,
  testDestination,
} from "@/lib/audit/change-destination";
import { createDestination } from "@/lib/audit/create-destination";
import { listDestinations } from "@/lib/audit/destination-queries";
import { createDestinationInput, destinationKinds } from "@/lib/audit/destination-schema";
import { eraseInput, tracesInput } from "@/lib/audit/erase-schema";
import { eraseFromRecord, previewErasure } from "@/lib/audit/erase-values";
import { getCheckpoint, getProof } from "@/lib/audit/proofs";
import { listEvents } from "@/lib/audit/queries";
import { outcomes } from "@/lib/audit/schema";
import { endpoint } from "../endpoint";
import { id, idParam, moment, page, paging } from "../list";

const event = z.object({
  id,
  number: z.number().int().nullable().meta({ description: "Its place in the log; null while it waits for one." }),
  at: z.date(),
  actor: z.object({
    type: z.string(),
    id: z.string().nullable(),
    name: z.string(),
    identityId: z.string().nullable(),
  }),
  onBehalfOf: z.object({ id: z.string(), name: z.string() }).nullable(),
  action: z.string(),
  target: z.object({ type: z.string(), id: z.string().nullable(), name: z.string().nullable() }).nullable(),
  outcome: z.enum(outcomes),
  details: z.record(z.string(), z.unknown()).nullable(),
});

const checkpoint = z.object({
  origin: z.string().meta({ description: "The name of the log, as in every checkpoint of it." }),
  size: z.number().int(),
  root: z.string().meta({ description: "The root hash (RFC 6962), in base64." }),
  note: z.string().meta({ description: "The signed note, in the form of c2sp.org/tlog-checkpoint." }),
  signedAt: z.date(),
});
const size = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional();
const hashes = z.array(z.string()).meta({ description: "Hashes in base64, in the order of RFC 6962." });

const proof = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("inclusion"),
    id,
    number: z.number().int(),
    index: z.number().int().meta({ description: "Counted from 0: the number less one." }),
    size: z.number().int(),
    root: z.string(),
    leaf: z.string().meta({ description: "Canonical JSON (RFC 8785); the leaf hash is SHA-256 over 0x00 and this." }),
    leafHash: z.string(),
    path: hashes,
    checkpoint: checkpoint.nullable(),
    text: z.string().nullable().meta({ description: "The same as one text, in the form of c2sp.org/tlog-proof." }),
  }),
  z.object({
    kind: z.literal("consistency"),
    from: z.number().int(),
    fromRoot: z.string(),
    size: z.number().int(),
    root: z.string(),
    path: hashes,
  }),
]);

const destination = z.object({
  id,
  name: z.string(),
  kind: z.enum(destinationKinds),
  carries: z.enum(["checkpoints", "endings", "events"]),
  shown: z.string(),
  position: z.number().int().meta({ description: "What has arrived: the size of a checkpoint, or an event's number." }),
  behind: z.number().int(),
  arrivedAt: z.date().nullable(),
  failingSince: z.date().nullable(),
  failuresInRow: z.number().int(),
  lastError: z.string().nullable(),
  nextTryAt: z.date().nullable(),
  pausedAt: z.date().nullable(),
});

export const auditEndpoints = [
  endpoint({
    method: "GET",
    path: "/audit/events",
    summary: "List events of the record, newest first",
    description:
      "A text is looked for in a bounded stretch at a time: a page may be short, even empty, and still have a nextCursor; `searchedTo` then says how far back it looked.",
    tag: "Record",
    permission: "activity:read",
    query: z.strictObject({
      ...paging,
      who: z.string().max(1_000).optional().meta({ description: "Ids of actors, separated by commas." }),
      action: z.string().max(1_000).optional().meta({ description: "Whole actions, separated by commas." }),
      outcome: z.enum(outcomes).optional(),
      target: z.string().max(300).optional().meta({ description: "What it was done to, as type:id." }),
      from: moment.optional(),
      to: moment.optional(),
      q: z.string().max(200).optional().meta({ description: "A part of a name or an action, or an event's number." }),
    }),
    answer: page(event).extend({ searchedTo: z.date().nullable() }),
    run: (actor, { query }) => listEvents(actor, query),
  }),
  endpoint({
    method: "GET",
    path: "/audit/checkpoint",
    summary: "The newest signed checkpoint of the record, with the keys to check it",
    description: "With `size`, the oldest checkpoint over at least that many events.",
    tag: "Record",
    permission: "activity:read",
    query: z.strictObject({ size }),
    answer: checkpoint.extend({
      keys: z.array(
        z.object({ verifierKey: z.string(), endorsement: z.string().nullable(), retiredAt: z.date().nullable() }),
      ),
    }),
    run: (actor, { query }) => getCheckpoint(actor, query),
  }),
  endpoint({
    method: "GET",
    path: "/audit/proof",
    summary: "Prove that an event is in the record, or that an earlier record is the beginning of a later one",
    description:
      "With `event` or `number`: an inclusion proof, under the oldest checkpoint that holds the event unless `size` says in how large a log. With `from`: a consistency proof from that size to `size`, or to the newest checkpoint.",
    tag: "Record",
    permission: "activity:read",
    query: z.strictObject({ event: id.optional(), number: size, size, from: size }),
    answer: proof,
    run: (actor, { query }) => getProof(actor, query),
  }),
  endpoint({
    method: "POST",
    path: "/audit/erasures/preview",
    summary: "What erasing somebody's traces from the record would take",
    description: "Changes nothing. How many events tell of these ids and texts, and how many of their parts.",
    tag: "Record",
    permission: "record:erase",
    safe: true,
    body: tracesInput,
    answer: z.object({
      events: z.number().int(),
      parts: z.object({ who: z.number().int(), target: z.number().int(), content: z.number().int() }),
    }),
    run: (actor, { body }) => previewErasure(actor, body),
  }),
  endpoint({
    method: "POST",
    path: "/audit/erasures",
    summary: "Erase somebody's traces from the record, for ever",
    description:
      "The values go; the events, their places, hashes and proofs remain. That something was erased, why and by whom is an event. Of a program's token it takes the scope audit:erase.",
    tag: "Record",
    permission: "record:erase",
    body: eraseInput,
    answer: z.object({ events: z.number().int(), parts: z.number().int() }),
    run: (actor, { body }) => eraseFromRecord(actor, body),
  }),
  endpoint({
    method: "GET",
    path: "/audit/destinations",
    summary: "Where the record goes outside the database, and how far it came there",
    tag: "Record",
    permission: "activity:read",
    answer: z.object({ items: z.array(destination) }),
    run: async (actor) => ({ items: await listDestinations(actor) }),
  }),
  endpoint({
    method: "POST",
    path: "/audit/destinations",
    summary: "Send checkpoints to a webhook or an S3-compatible store, or events over HTTP or syslog",
    description: "Of a webhook, `signingSecret` is in the answer, this once.",
    tag: "Record",
    permission: "record:configure",
    body: createDestinationInput,
    answer: z.object({ id, signingSecret: z.string().nullable() }),
    status: 201,
    secretAnswer: true,
    run: (actor, { body }) => createDestination(actor, body),
  }),
  endpoint({
    method: "POST",
    path: "/audit/destinations/{id}/pause",
    summary: "Let a destination rest: nothing is sent there until it goes on, and then all it has not got",
    description: "A file is written where Rollcall runs and is not paused from here: conflict.",
    tag: "Record",
    permission: "record:configure",
    params: idParam,
    answer: z.object({ id }),
    run: (actor, { params }) => pauseDestination(actor, params),
  }),
  endpoint({
    method: "POST",
    path: "/audit/destinations/{id}/resume",
    summary: "Let a destination go on where it was",
    tag: "Record",
    permission: "record:configure",
    params: idParam,
    answer: z.object({ id }),
    run: (actor, { params }) => resumeDestination(actor, params),
  }),
  endpoint({
    method: "POST",
    path: "/audit/destinations/{id}/test",
    summary: "Send the newest checkpoint there once more, or the event of this test",
    description: "Whether it arrived is seen in the list: `arrivedAt` moves, or `lastError` says why not.",
    tag: "Record",
    permission: "record:configure",
    params: idParam,
    status: 202,
    answer: z.object({ id }),
    run: (actor, { params }) => testDestination(actor, params),
  }),
  endpoint({
    method: "DELETE",
    path: "/audit/destinations/{id}",
    summary: "Send the record there no more",
    tag: "Record",
    permission: "record:configure",
    params: idParam,
    answer: z.object({ id }),
    run: (actor, { params }) => removeDestination(actor, params),
  }),
];
