"use client";

import { numberWords } from "@/components/count";
import { useReaderFacts } from "@/components/reader";
import { Time } from "@/components/time";
import { spanWords } from "@/components/time-words";
import type { Progress } from "@/lib/offboarding/progress-queries";
import { Clock } from "./clock";
import type { RunFacts } from "./run-facts";
import { WaitsFor } from "./waits-for";

/** Of a mover: when what they had before ends. Nothing is shut: they work here. */
export function MoveClock({ run, progress }: { run: RunFacts; progress: Progress }) {
  const { nowMs } = useReaderFacts();
  const steps = progress.systems.reduce((sum, system) => sum + system.steps, 0);
  const gone = progress.systems.reduce((sum, system) => sum + system.gone, 0);
  const leftMs = Date.parse(run.shutAt) - nowMs;
  const begun = run.begunAt !== null;
  const isOver = progress.completedAt !== null;
  return (
    <Clock
      title="What they had before ends"
      big={
        isOver ? (
          "Ended"
        ) : begun ? (
          <span suppressHydrationWarning>{leftMs > 0 ? `In ${spanWords(leftMs)}` : "Now"}</span>
        ) : (
          "Not begun"
        )
      }
      aside={begun ? <Time at={progress.completedAt ?? run.shutAt} as="full" /> : "held by the brake"}
      done={gone}
      of={steps}
    >
      {begun
        ? `${numberWords(gone)} of ${numberWords(steps)} ended or settled. Either manager says what stays, why and until when; the rest ends by itself.`
        : "Until somebody lets it go on nothing gets an end."}
      <WaitsFor who={progress.waitsFor} />
    </Clock>
  );
}
