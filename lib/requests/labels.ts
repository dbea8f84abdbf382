import { durationWords } from "../grants/labels";
import type { ListDefinition } from "../lists/schema";
import { type RequestState, requestStates } from "./states";

/** What a state of a request is called on the screen. */
export const requestStateLabels = {
  pending: "Pending",
  approved: "Approved",
  fulfilled: "Fulfilled",
  denied: "Denied",
  cancelled: "Cancelled",
  expired: "Expired",
  withdrawn: "Withdrawn",
  failed: "Failed",
} as const satisfies Record<RequestState, string>;

/** How long is asked for; of access that is held already, how much longer. */
export function lengthWords(
  { extendsGrantId, durationSeconds }: { extendsGrantId: string | null; durationSeconds: number },
  seconds = durationSeconds,
): string {
  return `${durationWords(seconds)}${extendsGrantId === null ? "" : " more"}`;
}

const whoLabels: Record<string, string> = {
  manager: "the manager",
  owner: "whoever owns it",
  "identity-owner": "the owner of the machine",
};

/** Who is asked by the rules, in words: `role:security` is security, `group:directory/leads` the group leads in directory. */
export function whoWords(who: readonly string[]): string {
  const words = who.map((word) => {
    const [kind, ...rest] = word.split(":");
    const named = rest.join(":");
    if (kind === "group") {
      const [connection, ...group] = named.split("/");
      return `the group ${group.join("/")} in ${connection}`;
    }
    return named === "" ? (whoLabels[word] ?? word) : named;
  });
  return words.join(" or ");
}

/** Every request: somebody asks for access for a time, with a reason. */
export const requestList: ListDefinition = {
  page: "requests",
  noun: { one: "request", many: "requests" },
  fields: [
    {
      name: "state",
      label: "State",
      kind: "choice",
      options: requestStates.map((value) => ({ value, label: requestStateLabels[value] })),
      column: "state",
      description: `States of requests, separated by commas; with ! all others: ${requestStates.join(", ")}.`,
    },
    { name: "mine", label: "Mine", kind: "flag", description: "true: asked for by the caller, or for them." },
    { name: "waiting", label: "Waits for an answer", kind: "flag", description: "true: somebody asked back." },
    { name: "connection", label: "System", kind: "reference", description: "Names or ids of connections." },
    { name: "breakGlass", label: "Break-glass", kind: "flag", description: "true: given at once in an emergency." },
    {
      name: "made",
      label: "Made",
      kind: "time",
      words: ["since", "before"],
      description: "Since then, or with ! before then.",
    },
  ],
  columns: [
    { name: "number", label: "Request", shown: true },
    { name: "items", label: "For what", shown: true },
    { name: "subject", label: "For whom", shown: true },
    { name: "state", label: "State", shown: true },
    { name: "waitsFor", label: "Waits for", shown: true },
    { name: "duration", label: "How long", shown: true, align: "end" },
    { name: "reason", label: "Reason", shown: false },
    { name: "ticket", label: "Ticket", shown: false },
    { name: "made", label: "Made", shown: true, sort: "made", align: "end" },
  ],
  sorts: ["made"],
  defaultSort: "-made",
};
