"use client";

import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
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

// What was told, and over which reading of the page.
type Told = { progress: Progress; over: Progress };

function useProgress(id: string, initial: Progress): { progress: Progress; live: boolean } {
  const router = useRouter();
  const page = useRef(initial);
  page.current = initial;
  const [told, setTold] = useState<Told | null>(null);
  const [live, setLive] = useState(false);
  // Of a run that is over the page is read once more, and that stands; a fast one is over before the first word of it.
  const stands = told !== null && (told.progress.state !== "closed" || told.over === initial);
  const progress = stands ? told.progress : initial;
  const rests = progress.state === "closed";
  useEffect(() => {
    if (rests) return;
    const source = new EventSource(`/offboardings/${id}/live`);
    let known = JSON.stringify(page.current);
    source.onopen = () => setLive(true);
    source.onerror = () => setLive(false);
    source.onmessage = (event: MessageEvent<string>) => {
      if (event.data === known) return;
      known = event.data;
      setTold({ progress: JSON.parse(event.data) as Progress, over: page.current });
      router.refresh();
    };
    return () => {
      source.close();
      setLive(false);
    };
  }, [id, router, rests]);
  return { progress, live };
}
