"use client";

import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { numberWords } from "@/components/count";
import { StatusBadge } from "@/components/status-badge";
import type { SyncProgress } from "@/lib/connections/schema";
import css from "../connections.module.css";
import { isUnderWay, kindName } from "../words";

type Seen = { id: string; state: "queued" | "reading" | "reconciling"; progress: SyncProgress };

/** A sync as it goes; when it ends, the page below is read again. */
export function LiveSync({ connectionId, initial }: { connectionId: string; initial: Seen | null }) {
  const router = useRouter();
  const [run, setRun] = useState<Seen | null>(initial);
  const shown = initial ? `${initial.id} true` : "";
  useEffect(() => {
    const source = new EventSource(`/connections/${connectionId}/live`);
    // What the page below was made from: a sync may have ended before the first event comes.
    let known = shown;
    source.onmessage = (event) => {
      const found = JSON.parse(event.data) as { id: string; state: string; progress: SyncProgress } | null;
      const moving = found !== null && isUnderWay(found.state);
      setRun(moving ? (found as Seen) : null);
      const now = found ? `${found.id} ${moving}` : "";
      if (known !== "" && now !== known) router.refresh();
      known = now;
    };
    return () => source.close();
  }, [connectionId, router, shown]);
  if (!run) return null;
  const read = Object.entries(run.progress.read).filter(([, count]) => count > 0);
  return (
    <section className={css.live} aria-label="Sync under way">
      <div className={css.liveHead}>
        <StatusBadge of="sync" state={run.state} />
        <span>{sentences[run.state]}</span>
      </div>
      {read.length > 0 ? (
        <div className={css.kinds}>
          {read.map(([kind, count]) => (
            <span key={kind}>
              <strong>{numberWords(count)}</strong> {kindName(kind)}
              {run.progress.ended.includes(kind) ? ", complete" : ""}
            </span>
          ))}
        </div>
      ) : null}
    </section>
  );
}

const sentences = {
  queued: "Waits for a worker to take it.",
  reading: "Reads the system. The inventory stays as it was until all of it is read.",
  reconciling: "Compares what was read with the inventory.",
} as const;
