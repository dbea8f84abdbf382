import { dayMs, hourMs, minuteMs, secondMs } from "@/lib/time";

const formats = new Map<string, Intl.DateTimeFormat>();

/** "now", "12 s ago", "3 h ago", "yesterday", "6 d ago" within seven days of `nowMs`, the date beyond; ahead "in 3 h". */
export function relativeWords(atMs: number, nowMs: number, zone: string): string {
  const distance = nowMs - atMs;
  const size = Math.abs(distance);
  if (size < 5 * secondMs) return "now";
  if (size >= 7 * dayMs) return dateWords(atMs, nowMs, zone);
  if (distance > 0 && size >= dayMs && isDayBefore(atMs, nowMs, zone)) return "yesterday";
  const amount = spanWords(size);
  return distance > 0 ? `${amount} ago` : `in ${amount}`;
}

/** "12 s", "5 min", "3 h", "214 d", "3.6 y": how long a span is, in its largest sensible unit. */
export function spanWords(ms: number): string {
  if (ms < minuteMs) return `${Math.floor(ms / secondMs)} s`;
  if (ms < hourMs) return `${Math.floor(ms / minuteMs)} min`;
  if (ms < dayMs) return `${Math.floor(ms / hourMs)} h`;
  if (ms < 366 * dayMs) return `${Math.floor(ms / dayMs)} d`;
  return `${(Math.floor(ms / (36.525 * dayMs)) / 10).toFixed(1)} y`;
}

/** "12 Mar", with the year where it is another one. */
export function dateWords(atMs: number, nowMs: number, zone: string): string {
  const sameYear = part(atMs, zone, "year") === part(nowMs, zone, "year");
  return format(zone, sameYear ? "day" : "dayOfYear").format(atMs);
}

/** "Thu 12 Mar 2026, 14:32:05 CET": the whole time, its zone named. */
export function absoluteWords(atMs: number, zone: string): string {
  return format(zone, "full").format(atMs).replace(" at ", ", ");
}

/** "14:32", for records and receipts; the zone is named once per view. */
export function clockWords(atMs: number, zone: string): string {
  return format(zone, "clock").format(atMs);
}

/** "CET": what the zone is called at that time. */
export function zoneName(atMs: number, zone: string): string {
  return part(atMs, zone, "timeZoneName");
}

/** Is this the name of a time zone that we can write times in? */
export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en-GB", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const shapes = {
  day: { day: "numeric", month: "short" },
  dayOfYear: { day: "numeric", month: "short", year: "numeric" },
  full: {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  },
  clock: { hour: "2-digit", minute: "2-digit" },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

function format(zone: string, shape: keyof typeof shapes): Intl.DateTimeFormat {
  const key = `${zone} ${shape}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-GB", { ...shapes[shape], timeZone: zone });
  formats.set(key, made);
  return made;
}

function part(atMs: number, zone: string, type: "year" | "timeZoneName"): string {
  return (
    format(zone, "full")
      .formatToParts(atMs)
      .find((one) => one.type === type)?.value ?? ""
  );
}

function isDayBefore(atMs: number, nowMs: number, zone: string): boolean {
  const day = format(zone, "dayOfYear");
  return nowMs - atMs < 2 * dayMs && day.format(atMs) === day.format(nowMs - dayMs);
}
