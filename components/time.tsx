"use client";

import { useReaderFacts } from "./reader";
import { absoluteWords, clockWords, dateWords, relativeWords, spanWords } from "./time-words";

type Props = {
  at: Date | string | number;
  /** Relative for lists; the clock for records and receipts; the date; or how long ago, for an age. */
  as?: "relative" | "clock" | "date" | "age" | "full";
  className?: string;
};

/** A time in words; the whole of it on hover and to screen readers. */
export function Time({ at, as = "relative", className }: Props) {
  const { zone, nowMs } = useReaderFacts();
  const atMs = new Date(at).getTime();
  const whole = absoluteWords(atMs, zone);
  const words = {
    relative: () => relativeWords(atMs, nowMs, zone),
    clock: () => clockWords(atMs, zone),
    date: () => dateWords(atMs, nowMs, zone),
    age: () => spanWords(Math.max(0, nowMs - atMs)),
    full: () => whole,
  }[as]();
  return (
    <time dateTime={new Date(atMs).toISOString()} data-tip={whole} className={className} suppressHydrationWarning>
      {words}
      {as === "full" ? null : <span className="unseen">, {whole}</span>}
    </time>
  );
}
