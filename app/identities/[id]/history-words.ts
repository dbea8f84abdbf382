import type { HistoryEntry } from "@/lib/inventory/history-queries";

/** An entry of history in words: what happened, to what, where. Pure. */
export function historyWords(entry: HistoryEntry): { lead: string; names: string[]; more: number; tail: string } {
  const { kind, way, count, names, connection, account, detail, event } = entry;
  const more = Math.max(0, count - names.length);
  if (kind === "event") {
    const ended = event?.outcome === "allowed" ? "" : (event?.outcome ?? "");
    const what = (detail ?? "")
      .replace(/Id\b/g, "")
      .replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
    return { lead: `${event?.actor}:`, names, more: 0, tail: [what, ended].filter(Boolean).join(", ") };
  }
  if (kind === "change")
    return { lead: "Account changed", names, more: 0, tail: `in ${connection}: ${detail ?? "other facts of it"}` };
  if (kind === "account") {
    const lead = way === "came" ? "Account seen" : "Account gone";
    return { lead, names, more, tail: `in ${connection}` };
  }
  const { lead, how } = edgeWords[kind][way === "came" ? "came" : "went"];
  return { lead, names, more, tail: `${how} ${account} in ${connection}` };
}

const edgeWords = {
  membership: { came: { lead: "Joined", how: "as" }, went: { lead: "Left", how: "as" } },
  assignment: { came: { lead: "Given", how: "to" }, went: { lead: "Taken away", how: "from" } },
  credential: { came: { lead: "New credential", how: "of" }, went: { lead: "Credential gone", how: "of" } },
} as const;
