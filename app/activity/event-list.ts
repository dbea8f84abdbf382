import { outcomeLabels } from "@/lib/audit/labels";
import { outcomes } from "@/lib/audit/schema";
import type { ListDefinition } from "@/lib/lists/schema";
import type { Search } from "./search";

/** What the record can be narrowed by; that it is about one thing comes from elsewhere, and can only be dropped. */
export function eventList(search: Search): ListDefinition {
  return {
    page: "activity",
    noun: { one: "event", many: "events" },
    fields: [
      {
        name: "in",
        label: "Time",
        kind: "time",
        fixed: true,
        words: ["since", "since"],
        description: "Events since then.",
      },
      { name: "who", label: "Who", kind: "reference", fixed: true, description: "Ids of actors." },
      { name: "action", label: "Action", kind: "reference", fixed: true, description: "Whole actions." },
      {
        name: "outcome",
        label: "Outcome",
        kind: "choice",
        fixed: true,
        options: outcomes.map((value) => ({ value, label: outcomeLabels[value] })),
        description: "allowed, denied or failed.",
      },
      ...(search.target
        ? [
            {
              name: "target",
              label: "On what",
              kind: "reference" as const,
              fixed: true as const,
              description: "type:id of what it was done to.",
            },
          ]
        : []),
    ],
    columns: [],
    sorts: ["newest"],
    defaultSort: "-newest",
  };
}
