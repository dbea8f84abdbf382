import { z } from "zod";
import { listEvents } from "@/lib/audit/queries";
import { outcomes } from "@/lib/audit/schema";
import { endpoint } from "../endpoint";
import { id, moment, page, paging } from "../list";

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
];
