"use client";

import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { Panel } from "@/components/panel";
import type { Progress } from "@/lib/offboarding/progress-queries";
import css from "./run.module.css";

/** How far it is in each system, as it goes; the page below is read again with each move. */
export function LiveProgress({ id, initial }: { id: string; initial: Progress }) {
  const router = useRouter();
  const [progress, setProgress] = useState(initial);
  const shown = JSON.stringify(initial);
  useEffect(() => {
    const source = new EventSource(`/offboardings/${id}/live`);
    let known = shown;
    source.onmessage = (event: MessageEvent<string>) => {
      if (event.data === known) return;
      known = event.data;
      setProgress(JSON.parse(event.data) as Progress);
      router.refresh();
    };
    return () => source.close();
  }, [id, router, shown]);
  if (progress.systems.length === 0) return null;
  return (
    <Panel
      title="How far it is"
      aside={progress.containedAt ? "every way in is shut, proven" : "shutting every way in"}
    >
      <ul className={css.systems} aria-live="polite">
        {progress.systems.map((system) => (
          <li key={system.name} className={css.system} data-trouble={system.troubled > 0 || undefined}>
            <span className={css.name}>
              <bdi>{system.name}</bdi>
            </span>
            <progress className={css.bar} max={system.steps} value={system.gone} aria-label={system.name} />
            <span className={css.count}>
              {system.gone} of {system.steps} gone
            </span>
            {system.troubled > 0 ? (
              <span className={css.trouble}>
                {system.troubled} not: <bdi>{system.because ?? "it came back"}</bdi>
              </span>
            ) : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
