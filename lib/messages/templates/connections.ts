import { type Message, say } from "../message";
import { known, listWords, timeWords } from "./words";

/** A connected system whose reading is in trouble, or out of it again. */
export type ConnectionNews = {
  id: string;
  name: string;
  environment: string;
  /** When it was last read to the end; null: never. */
  lastReadAt: Date | null;
} & (
  | { news: "failing"; failures: number; said: string; remedy: string | null; nextTryAt: Date | null }
  | { news: "paused"; gone: readonly string[] }
  | { news: "well" }
);

/** To whoever answers for a system: it cannot be read, the brake holds what was read, or it is read again. */
export function connectionTold(it: ConnectionNews): Message {
  const { subject, lead, tone } = words(it);
  return {
    event: "connection.trouble",
    subject,
    lead,
    facts: known([
      ["System", it.name],
      ["Environment", it.environment],
      ["Last read", it.lastReadAt ? timeWords(it.lastReadAt) : "never"],
      ...(it.news === "failing"
        ? ([
            ["It said", it.said],
            ["What to do", it.remedy],
            ["Next try", it.nextTryAt ? timeWords(it.nextTryAt) : "by hand"],
          ] as const)
        : []),
      ...(it.news === "paused" ? ([["Would go", listWords(it.gone)]] as const) : []),
    ]),
    action: { label: it.news === "paused" ? "Compare and decide" : "Open the system", path: `/connections/${it.id}` },
    tone,
    thread: `connection-${it.id}`,
    data: { connectionId: it.id, name: it.name, news: it.news, lastReadAt: it.lastReadAt?.toISOString() ?? null },
  };
}

function words(it: ConnectionNews): Pick<Message, "subject" | "lead" | "tone"> {
  if (it.news === "failing")
    return {
      subject: say`${it.name} cannot be read`,
      lead: [
        say`${it.failures} tries in a row failed. What the inventory shows of this system stays as it was last read, and grows old.`,
        say`Rollcall goes on trying, later and later.`,
      ],
      tone: "danger",
    };
  if (it.news === "paused")
    return {
      subject: say`${it.name}: a sync is paused, because too much would go`,
      lead: [
        say`The system returned much less than before. Nothing was changed, and nothing is read until somebody decides.`,
        say`Let it go through if that is right; discard it if the system was not whole.`,
      ],
      tone: "warning",
    };
  return {
    subject: say`${it.name} is read again`,
    lead: [say`What the inventory shows of this system is as of now.`],
    tone: "good",
  };
}
