"use client";

import { durationWords } from "@/lib/grants/labels";
import { useReaderFacts } from "../reader";

/** How long something still lasts, in words; red is not needed: it ends by itself. */
export function TimeLeft({ endsAt }: { endsAt: string }) {
  const { nowMs } = useReaderFacts();
  const left = (Date.parse(endsAt) - nowMs) / 1_000;
  return <span suppressHydrationWarning>{left > 0 ? `${durationWords(left)} left` : "its time is over"}</span>;
}
