import { z } from "zod";
import { getRestoration, listRestorations } from "@/lib/restoration/queries";
import { restorationShape, restoredEndingShape } from "@/lib/restoration/schema";
import { seeRestoration } from "@/lib/restoration/see-restoration";
import { endpoint } from "../endpoint";
import { id, idParam } from "../list";

export const restorationEndpoints = [
  endpoint({
    method: "GET",
    path: "/audit/restorations",
    summary: "Each time the database was found to be older than what is written outside it, newest first",
    description:
      "`endings` counts what had been taken back since, by what became of it; `seenAt` null: nobody looked yet.",
    tag: "Record",
    permission: "activity:read",
    answer: z.object({ items: z.array(restorationShape) }),
    run: async (actor) => ({ items: await listRestorations(actor) }),
  }),
  endpoint({
    method: "GET",
    path: "/audit/restorations/{id}",
    summary: "One of them, with up to 1,000 of the endings, first those that need somebody",
    tag: "Record",
    permission: "activity:read",
    params: idParam,
    answer: restorationShape.extend({ list: z.array(restoredEndingShape) }),
    run: (actor, { params }) => getRestoration(actor, params),
  }),
  endpoint({
    method: "POST",
    path: "/audit/restorations/{id}/seen",
    summary: "Say that what became of it was looked at: it is said loudly no longer",
    tag: "Record",
    permission: "record:configure",
    params: idParam,
    answer: z.object({ id }),
    run: (actor, { params }) => seeRestoration(actor, params),
  }),
];
