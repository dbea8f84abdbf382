import { z } from "zod";
import { searchCatalogue } from "@/lib/requests/catalogue-queries";
import { previewRequest } from "@/lib/requests/preview-queries";
import { previewRequestInput } from "@/lib/requests/schema";
import { endpoint } from "../endpoint";
import { id } from "../list";
import { catalogueShape, previewShape } from "../shapes/asking";
import { durationText } from "./requests";

export const catalogueEndpoints = [
  endpoint({
    method: "GET",
    path: "/catalogue",
    summary: "Search what can be asked for",
    description:
      "By words of its name, its permission and its system: first what Rollcall gives and colleagues have, then the smaller, and last what administers. Without words: what colleagues have and the groups and roles that Rollcall gives, without what is held already.",
    tag: "Requests",
    permission: "catalogue:read",
    query: z.strictObject({
      q: z.string().max(200).optional(),
      connection: z.string().min(1).max(200).optional().meta({ description: "Name or id of a connection." }),
      environment: z.string().min(1).max(60).optional(),
      colleagues: z
        .stringbool({ truthy: ["true"], falsy: ["false"] })
        .optional()
        .meta({ description: "true: only what colleagues have." }),
      held: z
        .stringbool({ truthy: ["true"], falsy: ["false"] })
        .optional()
        .meta({ description: "true: only what is held already." }),
      for: id.optional().meta({ description: "Id of whoever is to hold it; the caller without." }),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
    answer: z.object({
      items: z.array(catalogueShape),
      nextCursor: z.null(),
      more: z.boolean().meta({ description: "There is more: narrow the search." }),
    }),
    run: async (actor, { query: { for: subjectId, ...query } }) => {
      const { items, more } = await searchCatalogue(actor, { ...query, subjectId });
      return { items, more, nextCursor: null };
    },
  }),
  endpoint({
    method: "POST",
    path: "/requests/preview",
    summary: "What would become of a request: is it allowed, who decides, would less do",
    tag: "Requests",
    permission: "request:create",
    body: previewRequestInput.extend({ duration: durationText }),
    answer: previewShape,
    safe: true,
    run: (actor, { body }) => previewRequest(actor, body),
  }),
];
