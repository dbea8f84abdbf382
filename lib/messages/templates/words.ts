import { dayMs, hourMs, minuteMs } from "../../time";

const clock = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZone: "UTC",
});

/** A time as a message tells it; a mail does not know its reader's zone, so UTC is named. */
export function timeWords(at: Date): string {
  return `${clock.format(at)} UTC`;
}

/** How long: "8 hours", "2 days 4 hours", "45 minutes". */
export function durationWords(ms: number): string {
  const parts = [
    { size: dayMs, word: "day" },
    { size: hourMs, word: "hour" },
    { size: minuteMs, word: "minute" },
  ];
  let left = Math.max(0, ms);
  const said: string[] = [];
  for (const { size, word } of parts) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) said.push(`${count} ${word}${count === 1 ? "" : "s"}`);
  }
  return said.slice(0, 2).join(" ") || "less than a minute";
}

/** The first few of a list, and how many more. */
export function listWords(items: readonly string[], most = 5): string {
  const more = items.length - most;
  return more > 0 ? `${items.slice(0, most).join(", ")} and ${more} more` : items.join(", ");
}

/** Facts without those that are not known. */
export function known(facts: readonly (readonly [label: string, value: string | null | undefined])[]) {
  return facts.flatMap(([label, value]) => (value ? [{ label, value }] : []));
}
