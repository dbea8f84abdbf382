import type { UsageCalendar } from "@/lib/inventory/identity-use-queries";

export type CalendarDay = {
  day: string;
  /** Monday is 0. */
  weekday: number;
  uses: number;
  /** 0 none, 1 to 4 by quarters of the busiest; `unwatched` where no system's record is complete and nothing was seen. */
  level: 0 | 1 | 2 | 3 | 4 | "unwatched";
};

const dayMs = 86_400_000;

/** The squares of the calendar, by week from Monday. Pure. */
export function calendarOf(calendar: UsageCalendar) {
  const uses = new Map(calendar.days.map((day) => [day.day, day.uses]));
  const busiest = calendar.days.reduce<{ day: string; uses: number } | null>(
    (most, day) => (most === null || day.uses > most.uses ? day : most),
    null,
  );
  const watchedSince = calendar.coverage.flatMap((one) => (one.complete && one.since ? [one.since] : [])).sort()[0];
  const weeks: CalendarDay[][] = [];
  const months: { week: number; name: string }[] = [];
  for (let at = Date.parse(calendar.from); at <= Date.parse(calendar.to); at += dayMs) {
    const date = new Date(at);
    const day = date.toISOString().slice(0, 10);
    const weekday = (date.getUTCDay() + 6) % 7;
    if (weekday === 0 || weeks.length === 0) weeks.push([]);
    if (date.getUTCDate() === 1) months.push({ week: weeks.length - 1, name: monthName(date) });
    const used = uses.get(day) ?? 0;
    weeks
      .at(-1)
      ?.push({ day, weekday, uses: used, level: levelOf(used, busiest?.uses ?? 0, isWatched(day, watchedSince)) });
  }
  const total = calendar.days.reduce((sum, day) => sum + day.uses, 0);
  return { weeks, months, total, activeDays: calendar.days.length, busiest };
}

function isWatched(day: string, since: string | undefined): boolean {
  return since !== undefined && day >= since;
}

function levelOf(uses: number, most: number, watched: boolean): CalendarDay["level"] {
  if (uses === 0) return watched ? 0 : "unwatched";
  const quarter = Math.ceil((uses / most) * 4);
  return quarter <= 1 ? 1 : quarter === 2 ? 2 : quarter === 3 ? 3 : 4;
}

function monthName(date: Date): string {
  return date.toLocaleDateString("en-GB", { month: "short", timeZone: "UTC" });
}
