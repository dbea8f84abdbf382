"use client";

import { useEffect, useState } from "react";
import { useReaderFacts } from "@/components/reader";
import { spanWords } from "@/components/time-words";
import { secondMs } from "@/lib/time";

/** How long ago something began, second by second, by the server's clock. */
export function Elapsed({ since }: { since: string }) {
  const { nowMs } = useReaderFacts();
  const [shownMs, setShownMs] = useState(nowMs);
  useEffect(() => {
    const begunMs = performance.now();
    const timer = setInterval(() => setShownMs(nowMs + performance.now() - begunMs), secondMs);
    return () => clearInterval(timer);
  }, [nowMs]);
  const words = spanWords(Math.max(0, Math.max(shownMs, nowMs) - Date.parse(since)));
  return <span suppressHydrationWarning>{words} since the order</span>;
}
