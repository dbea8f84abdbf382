"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import type { GrantState } from "@/lib/grants/states";
import { useReaderFacts } from "../reader";

/** Of each grant on a page what tells how long it stays as it is. */
type Grant = { state: GrantState; endsAt: string | null };

const moving: readonly GrantState[] = ["activating", "ending"];
const waiting: readonly GrantState[] = ["scheduled", "activation_failed", "ending_failed"];

/** Keeps a page with these grants fresh: while they are given or taken, while that is tried again, and at their ends. */
export function KeepGrantsFresh({
  grants,
  ...more
}: {
  grants: readonly Grant[];
  moving?: boolean;
  waiting?: boolean;
}) {
  return (
    <KeepFresh
      moving={(more.moving ?? false) || grants.some(({ state }) => moving.includes(state))}
      waiting={(more.waiting ?? false) || grants.some(({ state }) => waiting.includes(state))}
      ends={grants.map(({ state, endsAt }) => (state === "active" ? endsAt : null))}
    />
  );
}

type Props = {
  /** Something changes by itself right now: it is looked at again every two seconds. */
  moving: boolean;
  /** When something ends by itself: it is looked at then. */
  ends: readonly (string | null)[];
  /** Something waits for somebody: it is looked at now and then. */
  waiting: boolean;
};

/** Reads the page again while what is on it changes without its reader. A page that nobody looks at rests. */
function KeepFresh({ moving, ends, waiting }: Props) {
  const router = useRouter();
  const { nowMs } = useReaderFacts();
  const next = Math.min(...ends.flatMap((at) => (at === null ? [] : [Date.parse(at)])).filter((at) => at > nowMs));
  const everyMs = moving ? 2_000 : waiting ? 10_000 : null;
  useEffect(() => {
    const look = () => {
      if (!document.hidden) router.refresh();
    };
    const timer = everyMs === null ? undefined : setInterval(look, everyMs);
    const leftMs = next - nowMs + 250;
    const atEnd = leftMs < longestTimerMs ? setTimeout(look, leftMs) : undefined;
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      clearTimeout(atEnd);
      document.removeEventListener("visibilitychange", look);
    };
  }, [router, everyMs, next, nowMs]);
  return null;
}

// What a browser's timer holds.
const longestTimerMs = 2 ** 31 - 1;
