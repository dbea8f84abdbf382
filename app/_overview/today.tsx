"use client";

import { useReaderFacts } from "@/components/reader";
import { zoneName } from "@/components/time-words";
import css from "./overview.module.css";

/** "Friday 20 November, 14:32 CET". */
export function Today() {
  const { zone, nowMs } = useReaderFacts();
  const day = new Intl.DateTimeFormat("en-GB", { timeZone: zone, weekday: "long", day: "numeric", month: "long" });
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" });
  return (
    <span className={css.today} suppressHydrationWarning>
      {day.format(nowMs)}, {clock.format(nowMs)} {zoneName(nowMs, zone)}
    </span>
  );
}
