"use client";

import { useReaderFacts } from "@/components/reader";
import { absoluteWords } from "@/components/time-words";
import css from "./activity.module.css";

/** Clock time to the millisecond, as records show it; the whole of it on hover and to screen readers. */
export function EventTime({ at }: { at: Date }) {
  const { zone } = useReaderFacts();
  const whole = absoluteWords(at.getTime(), zone);
  const seconds = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  return (
    <time dateTime={at.toISOString()} data-tip={whole} className="mono" suppressHydrationWarning>
      {seconds.format(at)}
      <span className={css.fraction}>.{String(at.getMilliseconds()).padStart(3, "0")}</span>
      <span className="unseen">, {whole}</span>
    </time>
  );
}
