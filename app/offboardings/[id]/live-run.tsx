"use client";

import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import type { Progress } from "@/lib/offboarding/progress-queries";
import { Clocks } from "./clocks";
import css from "./run.module.css";
import type { RunFacts } from "./run-facts";
import { Systems } from "./systems";
import { Trouble } from "./trouble";

/** The clocks of a run and how far it is in each system, as it goes; the page below is read again with each move. */
export function LiveRun({ run, initial }: { run: RunFacts; initial: Progress }) {
  const { progress, live } = useProgress(run.id, initial);
  return (
    <>
      <div className={css.clocks}>
        <Clocks run={run} progress={progress} />
        <Trouble run={run} progress={progress} />
      </div>
      <Systems run={run} progress={progress} live={live} />
    </>
  );
}

function useProgress(id: string, initial: Progress): { progress: Progress; live: boolean } {
  const router = useRouter();
  const [told, setTold] = useState<Progress | null>(null);
  const [live, setLive] = useState(false);
  // What is over rests, until somebody undoes it: the page is read again then.
  const rests = (told ?? initial).state === "closed";
  useEffect(() => {
    if (rests) return;
    const source = new EventSource(`/offboardings/${id}/live`);
    let known: string | null = null;
    source.onopen = () => setLive(true);
    source.onerror = () => setLive(false);
    source.onmessage = (event: MessageEvent<string>) => {
      if (event.data === known) return;
      const moved = known !== null;
      known = event.data;
      setTold(JSON.parse(event.data) as Progress);
      if (moved) router.refresh();
    };
    return () => {
      source.close();
      setLive(false);
    };
  }, [id, router, rests]);
  return { progress: rests ? initial : (told ?? initial), live };
}
